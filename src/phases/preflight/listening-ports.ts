/** The TCP ports that Kubernetes will listen on. */

import type { Host } from '../../model/host.ts';

export function listeningPorts(host: Host): readonly number[] {
  const ports = {
    apiserver: 6443,
    etcd: 2379,
    etcdPeers: 2380,
    kubelet: 10250,
    controllerManager: 10257,
    scheduler: 10259,
  };
  if (host.roles.includes('master')) return Object.values(ports);
  return host.roles.includes('worker') ? [ports.kubelet] : [];
}
