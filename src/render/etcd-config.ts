/** The configuration file of one member of an external etcd. */

import { stringify } from 'yaml';
import { type ClusterSpec, etcdHosts } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';
import { etcdDataDirectory, etcdPki } from './etcd-paths.ts';
import { etcdTiming } from './etcd-timing.ts';

/** `initial-…` is read at a member's first start only. fsync stays on: there is no `unsafe-no-fsync` here, and none may come in. */
export function etcdConfig(cluster: ClusterSpec, host: Host): string {
  const address = host.internalAddress;
  const timing = Object.entries(etcdTiming(cluster.profile)).map(([name, value]) => [name, Number(value)] as const);
  const tls = (name: string) => ({
    'cert-file': `${etcdPki}/etcd/${name}.crt`,
    'key-file': `${etcdPki}/etcd/${name}.key`,
    'trusted-ca-file': `${etcdPki}/etcd/ca.crt`,
    'client-cert-auth': true,
  });
  const config = {
    name: host.name,
    'data-dir': etcdDataDirectory,
    'listen-peer-urls': `https://${address}:2380`,
    'initial-advertise-peer-urls': `https://${address}:2380`,
    'listen-client-urls': `https://${address}:2379,https://127.0.0.1:2379`,
    'advertise-client-urls': clientUrl(host),
    'initial-cluster': initialCluster(etcdHosts(cluster)),
    'initial-cluster-state': 'new',
    'initial-cluster-token': cluster.name,
    'strict-reconfig-check': true,
    'client-transport-security': tls('server'),
    'peer-transport-security': tls('peer'),
    // As kubeadm sets them for its own members: what etcd tells unasked keeps the apiserver's cache fresh. 5 s, in nanoseconds.
    'watch-progress-notify-interval': 5_000_000_000,
    'feature-gates': 'InitialCorruptCheck=true',
    'log-outputs': ['stderr'],
    ...Object.fromEntries(timing),
  };
  return `# Written by trivet.\n${stringify(config, { lineWidth: 0 })}`;
}

/** `e1=https://192.0.2.31:2380,…`: who founds the cluster, in the file's order. */
export function initialCluster(hosts: readonly Host[]): string {
  return hosts.map((host) => `${host.name}=https://${host.internalAddress}:2380`).join(',');
}

export function clientUrl(host: Host): string {
  return `https://${host.internalAddress}:2379`;
}
