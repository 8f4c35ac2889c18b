/** A small process on each machine of a drill: its own probes, and what it sees of the cluster there. Survives the loss of the operator. */

import type { Duplex } from 'node:stream';
import type { Connect } from '../../model/connection.ts';
import type { RecordedEvent } from '../../model/event.ts';
import type { Host } from '../../model/host.ts';
import type { ProbePlan } from '../probes/probe-plan.ts';
import type { AgentLook } from './agent-look.ts';
import type { AgentSamples } from './agent-plan.ts';

/** The program that runs on machines: trivet as one executable on the operator's disk. */
export interface AgentProgram {
  readonly path: string;
  readonly sha256: string;
}

export interface AgentInput {
  readonly host: Host;
  readonly connect: Connect;
  /** A TCP connection from the machine, over SSH. */
  readonly tunnel: (host: Host, target: { readonly address: string; readonly port: number }, signal?: AbortSignal) => Promise<Duplex>;
  readonly program: AgentProgram;
  /** Letters, digits and dashes. */
  readonly id: string;
  /** undefined: it only samples. */
  readonly probes: ProbePlan | undefined;
  readonly samples: AgentSamples;
  /** It ends by itself after so long. */
  readonly maximumSeconds: number;
  /** And after it has heard nothing of the operator for so long. */
  readonly aloneSeconds?: number;
  /** Ends the start; what was started is ended by stop(). */
  readonly signal: AbortSignal;
  /** Only tests: the machine shows a clock that is ahead by so much. */
  readonly skewMs?: number;
}

export interface RunningAgent {
  /** The machine's name. */
  readonly from: string;
  /** Everything heard so far, on this process's monotonic clock. What the machine could not send yet comes when it can again. */
  readonly events: readonly RecordedEvent[];
  /** What it saw of its machine, on the same clock: sampleCluster makes events of the looks of all. */
  readonly looks: readonly AgentLook[];
  /** The machine was there at this time of this process's monotonic clock. */
  readonly heardMs: number;
  /** How exactly the machine's clock is known; grows and shrinks with each exchange. */
  readonly errorMs: number;
  /** Ends it, fetches what is missing, and takes away what it left but the program. `missing`: why some could not be fetched (the machine is gone). */
  readonly stop: () => Promise<{ readonly events: readonly RecordedEvent[]; readonly errorMs: number; readonly missing?: string }>;
}
