/** Preflight check: nothing of another or an earlier cluster is on a machine that is to join this one. */

import type { Cluster } from '../../../model/cluster.ts';
import type { Check, Finding } from '../finding.ts';
import { belongs, isNode, type Surveyed } from '../survey.ts';

export const leftovers: Check = ({ cluster, machines }) =>
  machines
    .filter(({ traces }) => !belongs(cluster, traces))
    .flatMap(
      (machine) => foreign(machine, cluster) ?? (isNode(machine.host) ? (kubernetes(machine, cluster) ?? podNetwork(machine) ?? []) : []),
    );

function foreign({ host, traces }: Surveyed, cluster: Cluster): readonly Finding[] | undefined {
  if (traces?.clusterName === undefined || traces.clusterName === cluster.name) return undefined;
  return [
    {
      severity: 'error',
      host: host.name,
      check: 'foreign-cluster',
      message: `trivet has made this machine a part of the cluster ${traces.clusterName}`,
      remedy: `if that cluster is no longer wanted: trivet reset -f with ${traces.clusterName}'s cluster file`,
      code: 'FOREIGN_CLUSTER',
    },
  ];
}

function kubernetes({ host, traces }: Surveyed, cluster: Cluster): readonly Finding[] | undefined {
  // With etcd elsewhere, /var/lib/etcd is of an etcd that is not kubeadm's business; a member's own data have a check of their own.
  const elsewhere = cluster.etcd.name === 'stacked' ? [] : ['/var/lib/etcd/member', '/var/lib/trivet-etcd/member'];
  const found = traces?.kubernetes.filter((path) => !elsewhere.includes(path)) ?? [];
  if (traces === undefined || found.length === 0) return undefined;
  const server = traces.kubeletServer === undefined ? '' : `; its kubelet talks to ${traces.kubeletServer}`;
  return [
    {
      severity: 'error',
      host: host.name,
      check: 'leftovers',
      message: `a Kubernetes that is not this cluster's is here: ${some(found)}${server}`,
      remedy:
        'if it is no longer wanted: kubeadm reset -f on the machine (trivet reset, if trivet made it), then rm -rf /etc/kubernetes /etc/cni/net.d /var/lib/etcd /var/lib/kubelet /var/lib/trivet-etcd /etc/trivet',
      ...(traces.kubeletServer === undefined ? {} : { code: 'FOREIGN_CLUSTER' as const }),
    },
  ];
}

function podNetwork({ host, traces }: Surveyed): readonly Finding[] | undefined {
  if (traces === undefined || traces.cni.length === 0) return undefined;
  return [
    {
      severity: 'error',
      host: host.name,
      check: 'leftover-pod-network',
      message: `a pod network is configured already: ${some(traces.cni)}`,
      remedy: 'move the files out of /etc/cni/net.d: containerd takes the first by name, and pods would get its addresses',
    },
  ];
}

function some(paths: readonly string[]): string {
  return paths.length <= 3 ? paths.join(', ') : `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more`;
}
