/** `trivet drill run` and `suite`: looks, shows what will be done, asks, runs one drill after another, and tells how each went. */

import { randomBytes } from 'node:crypto';
import type { Drill } from '../drill/drills/drill.ts';
import { drills as allDrills, drillNamed } from '../drill/drills/drills.ts';
import { readBudget } from '../drill/judge/budgets.ts';
import { type DrillPlan, type PlanOptions, planDrill } from '../drill/run/plan-drill.ts';
import { drillTools } from '../drill/run/real-tools.ts';
import { Failure } from '../model/failure.ts';
import { clientGoTimeouts } from '../render/client-go-timeouts.ts';
import type { ClusterStatus } from '../status/cluster-status.ts';
import { confirm } from './ask.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { operator } from './commands/up.ts';
import { here } from './drill-list.ts';
import { lockForDrill } from './drill-lock.ts';
import { drillLoop, type LoopResult } from './drill-loop.ts';
import { type OutcomeForms, writeOutcomes } from './drill-outcomes.ts';
import { drillPlanText } from './drill-plan-text.ts';
import { drillContext, drillSurroundings } from './drill-session.ts';
import { type DrillOutcome, exitStatus, summaryRow, summaryText } from './drill-summary.ts';
import { lookSettled } from './look-settled.ts';
import { describeFailure } from './print-error.ts';
import { type EventScreen, showEvents } from './show-events.ts';
import { type Session, withCluster } from './with-cluster.ts';

export interface DrillRunOptions extends ClusterOptions, OutcomeForms {
  readonly yes?: boolean;
  readonly victim?: string;
  readonly hold?: number;
  readonly iMeanIt?: boolean;
  readonly clientsOn?: readonly string[];
  readonly budget: readonly string[];
}

export type Wanted =
  | { readonly kind: 'named'; readonly names: readonly string[] }
  /** No groups: all. */
  | { readonly kind: 'suite'; readonly groups: readonly string[] };

/** Exit status: 0 all pass, 1 one fails, 3 one proves nothing or is refused. */
export async function drillRun(wanted: Wanted, options: DrillRunOptions): Promise<number> {
  const budgets = new Map(options.budget.map(readBudget));
  const drills = wantedDrills(wanted);
  if (options.victim !== undefined && drills.length > 1) throw new Failure('USAGE', '--victim goes with one drill only');
  const screen = showEvents({ stream: process.stderr, tty: process.stderr.isTTY === true, verbose: false });
  try {
    return await withCluster(
      options,
      { bundle: false, listeners: [screen.listen], beforeAsking: screen.pause, command: 'drill' },
      async (session) => {
        checkPlaces(session, options);
        const planned = await plan(drills, wanted, session, options);
        screen.pause();
        await ask(planned.plans, options);
        const ran = await run(planned.plans, session, { options, budgets, screen });
        screen.close();
        const outcomes = [...planned.outcomes, ...ran.outcomes];
        await writeOutcomes(outcomes, options);
        process.stderr.write(`log: ${session.logFile}\n`);
        if (ran.stopped !== undefined) throw withoutFault(ran.stopped);
        return exitStatus(outcomes.map(summaryRow));
      },
    );
  } catch (error) {
    screen.close();
    if (!(error instanceof Failure) || !refusals.has(error.code)) throw error;
    process.stderr.write(`\n${describeFailure(error)}\n`);
    return 3;
  } finally {
    screen.close();
  }
}

/** Ctrl-C: a drill does not go on from where it was. */
function withoutFault(error: unknown): unknown {
  if (!(error instanceof Failure) || error.code !== 'INTERRUPTED') return error;
  return new Failure('INTERRUPTED', `${error.message}; no fault of the drill is in`, { remedy: 'run the drill again: it begins anew' });
}

const refusals = new Set<Failure['code']>(['DRILL_REFUSED', 'CONFIRMATION', 'LOCKED']);

function wantedDrills(wanted: Wanted): readonly Drill[] {
  if (wanted.kind === 'named') return wanted.names.map(named);
  const groups = new Set<string>(allDrills.map(({ group }) => group));
  const unknown = wanted.groups.filter((group) => !groups.has(group));
  if (unknown.length > 0)
    throw new Failure('USAGE', `--only ${unknown.join(', ')}: there is no such group`, { remedy: `groups are ${[...groups].join(', ')}` });
  return allDrills.filter(({ group }) => wanted.groups.length === 0 || wanted.groups.includes(group));
}

function named(name: string): Drill {
  const drill = drillNamed(name);
  if (drill !== undefined) return drill;
  const near = allDrills.filter((one) => one.name.includes(name) || name.includes(one.name)).map((one) => one.name);
  throw new Failure('USAGE', `there is no drill ${name}`, {
    remedy: `${near.length === 0 ? '' : `${near.slice(0, 5).join(', ')}? `}trivet drill list shows all`,
  });
}

function checkPlaces({ cluster }: Session, { clientsOn = [] }: DrillRunOptions): void {
  const names = cluster.hosts.map(({ name }) => name);
  const unknown = clientsOn.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new Failure('USAGE', `--clients-on ${unknown}: the cluster has no such machine`, { remedy: `it has ${names.join(', ')}` });
}

interface Planned {
  readonly plans: readonly DrillPlan[];
  /** Those that will not be run, and why. */
  readonly outcomes: readonly DrillOutcome[];
}

/** By one look at the cluster now; each is planned again when its turn comes. Of several one that is refused leaves the others. */
async function plan(drills: readonly Drill[], wanted: Wanted, session: Session, options: DrillRunOptions): Promise<Planned> {
  const { cluster, connect, emit } = session;
  emit({ kind: 'progress', task: 'look', message: `looking at ${cluster.name}`, usualSeconds: 4 });
  const surroundings = drillSurroundings(session);
  const left = [...((await surroundings.power?.left?.()) ?? []), ...(await drillTools.faultsLeftOn(connect, cluster.hosts))];
  if (left.length > 0) {
    throw new Failure('DRILL_REFUSED', 'a fault of another drill is still in, so that no drill was begun', {
      findings: left,
      remedy: 'wait until it is undone, or undo it as told',
    });
  }
  const status = await lookSettled(surroundings.look, { signal: session.signal });
  refuseUnhealthy(status);
  const plans: DrillPlan[] = [];
  const outcomes: DrillOutcome[] = [];
  for (const drill of drills) {
    const skipped = wanted.kind === 'suite' ? await whySkipped(drill, status, surroundings, options) : undefined;
    if (skipped !== undefined) outcomes.push({ kind: 'skipped', drill: drill.name, reason: skipped });
    else {
      try {
        plans.push(await planDrill(drill, surroundings, status, planOptions(options), drillTools));
      } catch (error) {
        if (drills.length === 1 || !(error instanceof Failure) || error.code !== 'DRILL_REFUSED') throw error;
        emit({ kind: 'warning', message: [error.message, ...error.findings].join('; ') });
        outcomes.push({ kind: 'refused', drill: drill.name, failure: error });
      }
    }
  }
  emit({ kind: 'run', state: 'finished', sequence: 'look', cluster: cluster.name });
  return { plans, outcomes };
}

function refuseUnhealthy({ healthy, cluster, problems }: ClusterStatus): void {
  if (healthy) return;
  throw new Failure(
    'DRILL_REFUSED',
    `${cluster} is not healthy, so that nothing could be told apart from what is wrong already; no drill was begun`,
    {
      findings: problems,
      remedy: 'trivet status shows it; make it whole first: trivet up',
    },
  );
}

async function whySkipped(
  drill: Drill,
  status: ClusterStatus,
  surroundings: ReturnType<typeof drillSurroundings>,
  { iMeanIt }: DrillRunOptions,
): Promise<string | undefined> {
  if (drill.expects === 'no-writes' && iMeanIt !== true) return 'it stops all writes: --i-mean-it';
  const found = await here(drill, status, surroundings);
  return found.available ? undefined : found.reason;
}

function planOptions({ victim, hold, iMeanIt }: DrillRunOptions): PlanOptions {
  return { victim, holdSeconds: hold, iMeanIt: iMeanIt ?? false };
}

/** A Failure CONFIRMATION without a yes. */
async function ask(plans: readonly DrillPlan[], { yes }: DrillRunOptions): Promise<void> {
  if (plans.length === 0) return;
  process.stderr.write(plans.map(drillPlanText).join(''));
  if (yes === true) return;
  const what = plans.length === 1 ? `Put ${plans[0]?.drill.name} in now?` : `Run these ${plans.length} drills, one after another?`;
  if (!(await confirm(what))) throw new Failure('CONFIRMATION', 'not confirmed: nothing was done');
}

/** As trivet sets it for the cluster's own clients. */
const patience = { idleMs: Number(clientGoTimeouts[0].value) * 1000, pingMs: Number(clientGoTimeouts[1].value) * 1000 };

async function run(
  plans: readonly DrillPlan[],
  session: Session,
  {
    options,
    budgets,
    screen,
  }: { readonly options: DrillRunOptions; readonly budgets: ReadonlyMap<string, number>; readonly screen: EventScreen },
): Promise<LoopResult> {
  if (plans.length === 0) return { outcomes: [], stopped: undefined };
  const { cluster, connect, emit, signal } = session;
  const context = await drillContext(session);
  // A second Ctrl-C would end the process with the fault in.
  const stay = () => {
    if (signal.aborted) emit({ kind: 'warning', message: 'stopping already: the fault is healed first' });
  };
  const hangUp = () => session.abort(new Failure('INTERRUPTED', 'the terminal is gone'));
  process.on('SIGINT', stay).on('SIGTERM', stay).on('SIGHUP', hangUp);
  try {
    return await drillLoop({
      drills: plans.map(({ drill }) => drill),
      context,
      tools: drillTools,
      plan: planOptions(options),
      budgets,
      clientsOn: options.clientsOn,
      patience,
      lock: () => lockForDrill({ cluster, connect, operator, signal }),
      abort: session.abort,
      newId: () => `d${Date.now().toString(36)}${randomBytes(2).toString('hex')}`,
      told: (outcome) => {
        screen.pause();
        if (outcome.kind === 'refused') process.stderr.write(`${describeFailure(outcome.failure)}\n`);
        else if (plans.length > 1) process.stderr.write(summaryText([summaryRow(outcome)]));
      },
    });
  } finally {
    process.removeListener('SIGINT', stay).removeListener('SIGTERM', stay).removeListener('SIGHUP', hangUp);
  }
}
