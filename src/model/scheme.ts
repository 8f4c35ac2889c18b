/** How the control plane's endpoint is kept alive: one interface, a folder per scheme in schemes/. */

import type { Cluster, ClusterSpec, JsonObject, SchemeOptions } from './cluster.ts';
import type { ReadFact } from './fact.ts';
import type { Host } from './host.ts';
import type { Step } from './step.ts';

/** Faults that a scheme may claim to survive; drills try to refute the claim. */
export type Fault =
  | 'machine-power-off'
  | 'apiserver-killed'
  | 'apiserver-frozen'
  | 'kubelet-killed'
  | 'machine-isolated'
  | 'balancer-killed'
  | 'balancer-power-off';

/** A scheme as one choice of its options makes it: with haproxy it survives other things than with nginx. */
export interface Scheme<Options extends SchemeOptions = SchemeOptions> {
  /** The options' kind: vip-on-masters. */
  readonly name: Options['kind'];
  /** With the option that makes the difference: vip-on-masters/haproxy. */
  readonly variant: string;
  readonly summary: string;
  readonly survives: readonly Fault[];
  /** What it asks for and what its drawbacks are, for `trivet schemes`. */
  readonly costs: readonly string[];
  /** Packages that a host needs for it beyond Kubernetes' own, by Debian's names. */
  readonly packages: (cluster: ClusterSpec, host: Host) => readonly string[];
  /** Names and addresses, beyond the endpoint's own, that the apiserver's certificate must carry. */
  readonly certificateNames: (cluster: ClusterSpec) => readonly string[];
  /** The TCP ports on which the scheme itself listens on this host, and what listens there. */
  readonly ports: (cluster: ClusterSpec, host: Host) => readonly { readonly port: number; readonly of: string }[];
  /** The address that the apiserver of this master listens on; undefined: on all. */
  readonly apiserverBindAddress: (host: Host) => string | undefined;
  /** The endpoint's address is each node's own: clients outside the cluster go to the masters. */
  readonly nodeLocal: boolean;
  /** Where to look when the endpoint does not answer a machine, as a sentence for people. */
  readonly whereToLook: string;
  /** Arguments of every apiserver, beyond kubeadm's own. Absent: none. */
  readonly apiserverArguments?: readonly { readonly name: string; readonly value: string }[];
  /** Objects that the scheme needs in the cluster, applied as soon as it has an apiserver. Absent: none. */
  readonly manifests?: readonly JsonObject[];
  /** Machines among which the endpoint's address moves; empty where it does not move. */
  readonly vipHosts: (cluster: ClusterSpec) => readonly Host[];
  /** The hosts that plan() is asked for. */
  readonly hosts: (cluster: ClusterSpec) => readonly Host[];
  /** Steps that bring one host to the scheme's state; asked before the host's apiserver exists, and on every later up. */
  readonly plan: (input: SchemeInput) => Promise<readonly Step[]>;
}

export interface SchemeInput {
  readonly cluster: Cluster;
  readonly host: Host;
  readonly read: ReadFact;
}
