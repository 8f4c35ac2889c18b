/** Where etcd runs: one interface, a folder per topology in etcd/. */

import type { Cluster, ClusterSpec, JsonObject } from './cluster.ts';
import type { ReadFact } from './fact.ts';
import type { Host } from './host.ts';
import type { Secret } from './secret.ts';
import type { Step } from './step.ts';

/** How to ask etcd's members with etcdctl on a host: paths there. */
export interface EtcdAccess {
  readonly endpoints: readonly string[];
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** The texts (PEM) by which a user's own etcd is asked. */
export interface EtcdCertificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: Secret;
}

/**
 * What a topology does on machines, part after part, before any master begins. Each part ends on all its hosts before the next
 * begins: the CA; certificates for every member; the members, one after another; what the masters need to ask them.
 */
export type EtcdPart = 'authority' | 'certificates' | 'members' | 'access';

export interface EtcdInput {
  readonly part: EtcdPart;
  readonly cluster: Cluster;
  readonly host: Host;
  readonly read: ReadFact;
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
  readonly hosts: (cluster: ClusterSpec, part: EtcdPart) => readonly Host[];
  /** Steps that bring one host to the topology's state. */
  readonly plan: (input: EtcdInput) => Promise<readonly Step[]>;
  /** Of a user's own etcd: verified before anything is changed. */
  readonly certificates?: EtcdCertificates;
}
