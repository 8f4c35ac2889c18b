/** The TCP ports that Kubernetes, its etcd and its scheme will listen on. */

import type { Cluster } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';

const apiserver = 6443;
const etcd = [2379, 2380];
const kubelet = 10250;
const controllerManager = 10257;
const scheduler = 10259;

/** Each once. */
export function listeningPorts(cluster: Cluster, host: Host): readonly number[] {
  const isMaster = host.roles.includes('master');
  const hasMember = cluster.etcd.name === 'stacked' ? isMaster : host.roles.includes('etcd');
  return [
    ...new Set([
      ...(isMaster ? [apiserver, controllerManager, scheduler] : []),
      ...(hasMember ? etcd : []),
      ...(isMaster || host.roles.includes('worker') ? [kubelet] : []),
      ...cluster.scheme.ports(cluster, host).map(({ port }) => port),
    ]),
  ];
}
