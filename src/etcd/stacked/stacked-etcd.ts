/** Stacked etcd: a member beside every apiserver, kept by kubeadm. */

import { masters } from '../../model/cluster.ts';
import type { EtcdTopology } from '../../model/etcd-topology.ts';
import { etcdTiming } from '../../render/etcd-timing.ts';
import { gateSteps } from '../parts/gate-steps.ts';
import { watchSteps } from '../parts/watch-steps.ts';

export const stackedEtcd: EtcdTopology = {
  name: 'stacked',
  summary: 'an etcd member on every master, as a static pod made by kubeadm',
  kubeadmEtcd: (cluster) => ({ local: { dataDir: '/var/lib/etcd', ...extraArgs(etcdTiming(cluster.profile)) } }),
  members: (cluster) => masters(cluster).length,
  access: () => ({
    endpoints: ['https://127.0.0.1:2379'],
    caFile: '/etc/kubernetes/pki/etcd/ca.crt',
    certFile: '/etc/kubernetes/pki/etcd/server.crt',
    keyFile: '/etc/kubernetes/pki/etcd/server.key',
  }),
  hosts: (cluster, part) => (part === 'access' ? masters(cluster) : []),
  plan: async ({ cluster, host }) => [...watchSteps(host, masters(cluster), 'member'), ...gateSteps(host, masters(cluster))],
};

function extraArgs(args: Readonly<Record<string, string>>) {
  const list = Object.entries(args).map(([name, value]) => ({ name, value }));
  return list.length === 0 ? {} : { extraArgs: list };
}
