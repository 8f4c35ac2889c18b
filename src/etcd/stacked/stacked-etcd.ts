/** Stacked etcd: a member beside every apiserver, kept by kubeadm. */

import type { EtcdTopology } from '../../model/etcd-topology.ts';

export const stackedEtcd: EtcdTopology = {
  name: 'stacked',
  summary: 'an etcd member on every master, as a static pod made by kubeadm',
  kubeadmEtcd: () => ({ local: { dataDir: '/var/lib/etcd' } }),
};
