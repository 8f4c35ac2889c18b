/** A phase: what it is called, on which hosts, in what order, and the steps it wants there. */

import type { Cluster } from './cluster.ts';
import type { ReadFact } from './fact.ts';
import type { Host } from './host.ts';
import type { Step } from './step.ts';

export interface PlanInput {
  readonly cluster: Cluster;
  readonly host: Host;
  /** Reads a fact of this or of another host; each is read once a phase. */
  readonly read: ReadFact;
}

export interface Phase {
  /** kebab-case, for --from and --only. */
  readonly name: string;
  /** One line, for the live list and the docs. */
  readonly summary: string;
  /** How long it usually takes, in seconds, when everything has to be done. */
  readonly usualSeconds: number;
  /** one-by-one: a host is planned and finished before the next is looked at. */
  readonly order: 'parallel' | 'one-by-one';
  readonly hosts: (cluster: Cluster) => readonly Host[];
  /** Depends on nothing but the cluster and the facts it reads: the same facts give the same steps. */
  readonly plan: (input: PlanInput) => Promise<readonly Step[]>;
}

/** Phases in their order; those in one list run side by side (they must touch different hosts or different things). */
export type Sequence = {
  readonly name: string;
  readonly summary: string;
  readonly stages: readonly (readonly Phase[])[];
};
