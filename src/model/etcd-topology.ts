/** Where etcd runs: one interface, a folder per topology in etcd/. */

import type { Cluster, ClusterSpec, JsonObject } from './cluster.ts';
import type { ReadFact } from './fact.ts';
import type { Host } from './host.ts';
import type { Step } from './step.ts';

/** How to ask etcd's members with etcdctl on a host: paths there. */
export interface EtcdAccess {
  readonly endpoints: readonly string[];
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface EtcdTopology {
  readonly name: 'stacked' | 'hosted' | 'foreign';
  readonly summary: string;
  /** The `etcd` key of kubeadm's ClusterConfiguration. */
  readonly kubeadmEtcd: (cluster: ClusterSpec) => JsonObject;
  /** How many members there should be. */
  readonly members: (cluster: ClusterSpec) => number;
  /** How a host that has the certificates asks the members. Hosts that have them: masters and etcd's own. */
  readonly access: (cluster: ClusterSpec, host: Host) => EtcdAccess;
  /** The hosts that plan() is asked for; none for stacked: kubeadm makes its members. */
  readonly hosts: (cluster: ClusterSpec) => readonly Host[];
  /** Steps that bring one host to the topology's state, before any master begins. */
  readonly plan: (input: { readonly cluster: Cluster; readonly host: Host; readonly read: ReadFact }) => Promise<readonly Step[]>;
}
