/** What a drill is: what is done, to whom, for how long, and what must hold meanwhile. Data and pure functions. */

import type { Cluster } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import type { Fault as SurvivedFault } from '../../model/scheme.ts';
import type { ClusterStatus } from '../../status/cluster-status.ts';
import type { Exercise } from '../application/exercise.ts';
import type { FaultName } from '../faults/fault.ts';

export type DrillGroup = 'machine' | 'process' | 'network' | 'endpoint' | 'quorum' | 'disk' | 'clock' | 'application';

/** The cluster as it is before the fault: what victims are chosen by. */
export interface DrillView {
  readonly cluster: Cluster;
  readonly status: ClusterStatus;
}

/** `because` ends the sentence "m1, because it …": `holds the VIP`. `others`: which of the rest a network fault cuts the victim off from. */
export interface Chosen {
  readonly victims: readonly Host[];
  readonly because: string;
}

/** For people: why this drill means nothing on this cluster. */
export interface NotHere {
  readonly notHere: string;
}

export type Act =
  | { readonly kind: 'fault'; readonly fault: FaultName }
  /** `masterDown`: a master that is not needed for quorum loses its power (or network) first, and comes back last. */
  | { readonly kind: 'exercise'; readonly exercise: Exercise; readonly masterDown: boolean };

export interface Drill {
  /** As `trivet drill run` takes it: machine-power-off. */
  readonly name: string;
  readonly group: DrillGroup;
  /** One sentence for `drill list`. */
  readonly summary: string;
  readonly act: Act;
  /** The claim in a scheme's `survives` that it tries to refute. */
  readonly refutes?: SurvivedFault;
  /** no-writes: it costs etcd's quorum, and needs --i-mean-it. */
  readonly expects: 'service' | 'no-writes';
  /** How long the fault stays in, in seconds; 0: it heals by itself (a killed process is started again by its supervisor). */
  readonly holdSeconds: number;
  readonly choose: (view: DrillView) => Chosen | NotHere;
}
