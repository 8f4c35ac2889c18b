/** Runs a sequence: stage after stage, the phases of a stage side by side. */

import pLimit from 'p-limit';
import type { Cluster } from '../model/cluster.ts';
import type { Connect } from '../model/connection.ts';
import type { Emit } from '../model/event.ts';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { Phase, Sequence } from '../model/phase.ts';
import type { Step } from '../model/step.ts';
import { type Clock, realClock, secondsSince } from './clock.ts';
import { together } from './failures.ts';
import { type Receipt, receiptOf } from './record.ts';
import { type Run, runPhase } from './run-phase.ts';

export interface RunSequenceInput {
  readonly sequence: Sequence;
  readonly cluster: Cluster;
  readonly connect: Connect;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** plan: facts are read and steps checked; nothing is executed. */
  readonly mode: 'plan' | 'apply';
  /** Begin with the stage of this phase. */
  readonly from?: string | undefined;
  /** Only these phases. */
  readonly only?: readonly string[] | undefined;
  /** How many hosts are worked on at the same time. */
  readonly limit?: number;
  /** user@machine, for the logs on the machines. */
  readonly operator: string;
  readonly clock?: Clock;
}

export interface RunSequenceResult {
  /** Steps that changed something. */
  readonly changed: number;
  readonly planned: readonly Step[];
  readonly seconds: number;
}

/**
 * When a host fails, the others finish the phase and no further stage begins; then the first Failure is thrown, the other
 * failures among its findings. USAGE for a phase that the sequence does not have.
 */
export async function runSequence(input: RunSequenceInput): Promise<RunSequenceResult> {
  const { sequence, cluster, emit } = input;
  const clock = input.clock ?? realClock;
  const stages = chooseStages(sequence, input.from, input.only);
  const run = { ...input, clock, limit: pLimit(input.limit ?? 16), receipt: receipts(input.connect, input.signal) };
  const about = { kind: 'run', sequence: sequence.name, cluster: cluster.name } as const;
  const start = clock.now();
  const total = { changed: 0, planned: [] as Step[] };
  emit({ ...about, state: 'started' });
  for (const stage of stages) {
    const failure = await runStage(run, stage, total);
    if (failure === undefined) continue;
    emit({ ...about, state: 'failed', changed: total.changed, seconds: secondsSince(clock, start), message: failure.message });
    throw failure;
  }
  const seconds = secondsSince(clock, start);
  emit({ ...about, state: 'finished', changed: total.changed, seconds });
  return { changed: total.changed, planned: total.planned, seconds };
}

async function runStage(run: Run, stage: readonly Phase[], total: { changed: number; planned: Step[] }): Promise<Error | undefined> {
  const results = await Promise.all(stage.map((phase) => runPhase(run, phase)));
  for (const { changed, planned } of results.flatMap((result) => result.hosts)) {
    total.changed += changed;
    total.planned.push(...planned);
  }
  return together(results.flatMap((result) => result.failures));
}

/** The stages that --from and --only leave. */
function chooseStages(sequence: Sequence, from: string | undefined, only: readonly string[] | undefined): Sequence['stages'] {
  const names = sequence.stages.flat().map((phase) => phase.name);
  const unknown = [...(from === undefined ? [] : [from]), ...(only ?? [])].find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new Failure('USAGE', `${sequence.name} has no phase ${unknown}`, { remedy: `Its phases are: ${names.join(', ')}.` });
  }
  const begin = from === undefined ? 0 : sequence.stages.findIndex((stage) => stage.some((phase) => phase.name === from));
  return sequence.stages
    .slice(begin)
    .map((stage) => stage.filter((phase) => only === undefined || only.includes(phase.name)))
    .filter((stage) => stage.length > 0);
}

/** One receipt per machine and run, however many phases ask for it at the same time. */
function receipts(connect: Connect, signal: AbortSignal): (host: Host) => Promise<Receipt> {
  const known = new Map<string, Promise<Receipt>>();
  return (host) => {
    const receipt = known.get(host.name) ?? connect(host, signal).then((connection) => receiptOf(connection, signal));
    known.set(host.name, receipt);
    return receipt;
  };
}
