/** Where etcd runs: one interface, a folder per topology in etcd/. */

import type { ClusterSpec, JsonObject } from './cluster.ts';

export interface EtcdTopology {
  readonly name: string;
  readonly summary: string;
  /** The `etcd` key of kubeadm's ClusterConfiguration. */
  readonly kubeadmEtcd: (cluster: ClusterSpec) => JsonObject;
}
