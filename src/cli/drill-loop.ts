/** One drill after another, each beginning with a healthy cluster, under the lock, and told as it ends. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from '../drill/drills/drill.ts';
import type { Patience } from '../drill/probes/api-session.ts';
import type { DrillContext } from '../drill/run/context.ts';
import type { DrillTools } from '../drill/run/drill-tools.ts';
import { type PlanOptions, planDrill, refused } from '../drill/run/plan-drill.ts';
import { type DrillResult, runDrill } from '../drill/run/run-drill.ts';
import { Failure } from '../model/failure.ts';
import type { ClusterStatus } from '../status/cluster-status.ts';
import type { DrillLock } from './drill-lock.ts';
import type { DrillOutcome } from './drill-summary.ts';
import { lookSettled } from './look-settled.ts';

export interface LoopInput {
  readonly drills: readonly Drill[];
  /** Ends when `abort` is called. */
  readonly context: DrillContext;
  readonly tools: DrillTools;
  readonly plan: PlanOptions;
  readonly budgets: ReadonlyMap<string, number>;
  readonly patience: Patience;
  readonly clientsOn?: readonly string[] | undefined;
  readonly lock: () => Promise<DrillLock>;
  readonly abort: (why: Failure) => void;
  readonly newId: () => string;
  /** Hears of each drill as it ends. */
  readonly told: (outcome: DrillOutcome) => void;
}

export interface LoopResult {
  readonly outcomes: readonly DrillOutcome[];
  /** Why the rest was not run. */
  readonly stopped: unknown;
}

/** After a drill the cluster may need a moment until every look is content. */
const healthyWithinSeconds = 60;
const lookEveryMs = 3000;

/** Goes on after a drill that was refused; not after one that was interrupted, whose fault could not be healed, or while another runs. */
export async function drillLoop(input: LoopInput): Promise<LoopResult> {
  const outcomes: DrillOutcome[] = [];
  for (const [index, drill] of input.drills.entries()) {
    const take = (outcome: DrillOutcome) => {
      outcomes.push(outcome);
      input.told(outcome);
    };
    const say = (state: 'started' | 'finished' | 'failed') =>
      input.context.emit({ kind: 'run', state, sequence: `drill ${drill.name}`, cluster: input.context.cluster.name });
    say('started');
    try {
      const result = await runOne(drill, input, index > 0);
      say('finished');
      take({ kind: 'judged', result });
    } catch (error) {
      say('failed');
      if (input.context.signal.aborted || !(error instanceof Failure) || lasting.has(error.code)) return { outcomes, stopped: error };
      take({ kind: 'refused', drill: drill.name, failure: error });
    }
  }
  return { outcomes, stopped: undefined };
}

/** Speak against every further drill too. */
const lasting = new Set<Failure['code']>(['DRILL_HEAL', 'LOCKED', 'USAGE', 'INTERRUPTED']);

async function runOne(drill: Drill, input: LoopInput, again: boolean): Promise<DrillResult> {
  const { context, tools } = input;
  const { cluster, connect, emit, signal } = context;
  signal.throwIfAborted();
  emit({ kind: 'progress', task: `drill ${drill.name}`, message: 'taking the lock, looking at the cluster', usualSeconds: 5 });
  const lock = await input.lock();
  try {
    const left = [...((await context.power?.left?.()) ?? []), ...(await tools.faultsLeftOn(connect, cluster.hosts))];
    if (left.length > 0) {
      throw refused(drill, 'a fault of another drill is still in', {
        findings: left,
        remedy: 'wait until it is undone, or undo it as told',
      });
    }
    const plan = await planDrill(drill, context, await look(input, again), input.plan, tools);
    const names = plan.victims.map(({ name }) => name);
    // A lock that a victim held is lost by the fault itself.
    void lock.lost(names).then(input.abort);
    return await runDrill(
      plan,
      context,
      { id: input.newId(), budgets: input.budgets, patience: input.patience, clientsOn: input.clientsOn },
      tools,
    );
  } finally {
    await lock.release();
  }
}

async function look({ context }: LoopInput, again: boolean): Promise<ClusterStatus> {
  const endMs = performance.now() + (again ? healthyWithinSeconds * 1000 : 0);
  for (;;) {
    const status = await lookSettled(context.look, { signal: context.signal });
    if (status.healthy || performance.now() >= endMs) return status;
    await delay(lookEveryMs, undefined, { signal: context.signal });
  }
}
