/** How the control plane's endpoint is kept alive: one interface, a folder per scheme in schemes/. */

import type { Cluster, ClusterSpec } from './cluster.ts';
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
  | 'balancer-killed';

export interface Scheme {
  readonly name: string;
  readonly summary: string;
  readonly survives: readonly Fault[];
  /** Packages that its machines need beyond Kubernetes' own, by Debian's names. */
  readonly packages: readonly string[];
  /** Names and addresses, beyond the endpoint's own, that the apiserver's certificate must carry. */
  readonly certificateNames: (cluster: ClusterSpec) => readonly string[];
  /** The hosts that plan() is asked for. */
  readonly hosts: (cluster: ClusterSpec) => readonly Host[];
  /** Steps that bring one host to the scheme's state; asked before the host's apiserver exists, and on every later up. */
  readonly plan: (input: { readonly cluster: Cluster; readonly host: Host; readonly read: ReadFact }) => Promise<readonly Step[]>;
}
