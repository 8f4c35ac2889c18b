/** External etcd on the hosts of role etcd: members as systemd units, certificates by kubeadm; those hosts may be masters too. */

import { type ClusterSpec, etcdHosts, masters } from '../../model/cluster.ts';
import type { EtcdInput, EtcdTopology } from '../../model/etcd-topology.ts';
import type { Host } from '../../model/host.ts';
import type { Step } from '../../model/step.ts';
import { clientUrl } from '../../render/etcd-config.ts';
import { clientAccess, memberAccess } from '../../render/etcd-paths.ts';
import { accessSteps } from './access-steps.ts';
import { authoritySteps, certificateSteps } from './certificate-steps.ts';
import { memberSteps } from './member-steps.ts';

export const hostedEtcd: EtcdTopology = {
  name: 'hosted',
  summary: 'an etcd member as a systemd unit on every host of role etcd',
  kubeadmEtcd: (cluster) => ({ external: { ...clientAccess(clientEndpoints(cluster)) } }),
  members: (cluster) => etcdHosts(cluster).length,
  access: (cluster, host) =>
    host.roles.includes('master') ? clientAccess(clientEndpoints(cluster)) : memberAccess(etcdHosts(cluster).map(clientUrl)),
  hosts: (cluster, part) =>
    part === 'access' ? cluster.hosts.filter((host) => host.roles.includes('master') || host.roles.includes('etcd')) : etcdHosts(cluster),
  plan: (input) => steps[input.part](input),
};

const steps: Readonly<Record<EtcdInput['part'], (input: EtcdInput) => Promise<readonly Step[]>>> = {
  authority: authoritySteps,
  certificates: certificateSteps,
  members: memberSteps,
  access: accessSteps,
};

/**
 * Where every master has a member, each apiserver asks its own: what kills the member kills the apiserver too, and the endpoint
 * moves on at once. An apiserver that asks all members would hang for ten seconds on the one whose machine is gone (gRPC's keepalive), so its master
 * has a watcher.
 */
export function clientEndpoints(cluster: ClusterSpec): readonly string[] {
  const hasMember = (host: Host) => host.roles.includes('etcd');
  return masters(cluster).every(hasMember) ? ['https://127.0.0.1:2379'] : etcdHosts(cluster).map(clientUrl);
}
