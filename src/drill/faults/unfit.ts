/** Which machines a fault can be put on, as far as the cluster file alone tells. */

import { type Cluster, masters, nodes } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import { hasBalancer } from '../../status/cluster-status.ts';
import type { FaultName, ProcessName } from './fault.ts';
import { splitProcessFault } from './fault-names.ts';

/** Why the fault means nothing on this host, for people; undefined where it does. */
export function whyUnfit(fault: FaultName, host: Host, cluster: Cluster): string | undefined {
  const process = splitProcessFault(fault);
  if (process !== undefined) return withoutProcess(process.name, host, cluster);
  const master = host.roles.includes('master');
  switch (fault) {
    case 'master-cut-off':
      if (!master) return `${host.name} is no master`;
      return masters(cluster).length < 2 ? 'there is only one master' : undefined;
    case 'multicast-blocked':
    case 'vip-drift':
      return withoutProcess('keepalived', host, cluster);
    case 'etcd-disk-full':
      return withoutProcess('etcd', host, cluster);
    default:
      return undefined;
  }
}

/** Whether an etcd member runs there. */
export function hasMember(host: Host, cluster: Cluster): boolean {
  if (cluster.etcd.name === 'foreign') return false;
  return host.roles.includes(cluster.etcd.name === 'stacked' ? 'master' : 'etcd');
}

function withoutProcess(name: ProcessName, host: Host, cluster: Cluster): string | undefined {
  const { scheme } = cluster;
  switch (name) {
    case 'kubelet':
    case 'containerd':
      return nodes(cluster).includes(host) ? undefined : `${host.name} is no node: no ${name} runs there`;
    case 'apiserver':
    case 'controller-manager':
    case 'scheduler':
      return host.roles.includes('master') ? undefined : `${host.name} is no master`;
    case 'keepalived':
      if (scheme.vipHosts(cluster).length === 0) return `${scheme.variant} has no keepalived`;
      return scheme.vipHosts(cluster).includes(host) ? undefined : `no keepalived runs on ${host.name}`;
    case 'balancer':
      if (scheme.variant === 'external-pair/lvs') return 'LVS balances in the kernel: there is no process to stop';
      if (!cluster.hosts.some((other) => hasBalancer(cluster, other))) return `${scheme.variant} has no balancer on these machines`;
      return hasBalancer(cluster, host) ? undefined : `no balancer runs on ${host.name}`;
    case 'etcd':
      if (cluster.etcd.name === 'foreign') return 'etcd is your own, on machines that trivet does not know';
      return hasMember(host, cluster) ? undefined : `${host.name} has no etcd member`;
  }
}
