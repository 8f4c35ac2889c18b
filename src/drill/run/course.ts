/** The order of things in a drill, from the first look to the last: quiet, fault, holding, healing, whole again. */

import { Failure } from '../../model/failure.ts';
import type { ClusterStatus } from '../../status/cluster-status.ts';
import type { Application } from '../application/exercise.ts';
import type { DrillContext } from './context.ts';
import type { FaultsIn } from './faults-in.ts';
import { type DrillPlan, exerciseSeconds, servedWithinSeconds, writesAgainSeconds } from './plan-drill.ts';
import type { Running } from './running.ts';

const quietMs = 3500;
/** A fault that heals by itself, such as a killed process, is watched at least so long. */
const watchedMs = 6000;
const afterMs = 3000;
const wholeWithinSeconds = 300;
const lookEveryMs = 2000;

export interface CourseInput {
  readonly plan: DrillPlan;
  readonly run: Running;
  readonly faults: FaultsIn;
  readonly application: Application | undefined;
  readonly look: DrillContext['look'];
}

/** However it ends, no fault is in afterwards, or a DRILL_HEAL says which. */
export async function course(input: CourseInput): Promise<void> {
  const { plan, run, faults, look } = input;
  run.record({ kind: 'health', atMs: run.clock.nowMs(), healthy: plan.status.healthy, problems: plan.status.problems });
  run.say('recording while all is well', quietMs / 1000);
  await run.pause(quietMs);
  let trouble: unknown;
  try {
    await meanwhile(input);
  } catch (error) {
    trouble = error;
    if (plan.fault !== undefined) run.say('healing the fault before anything else; Ctrl-C again does not skip it');
  }
  try {
    await faults.heal();
  } catch (error) {
    // What is left on a machine matters more than why the drill was stopped.
    throw trouble === undefined || (error instanceof Failure && error.code === 'DRILL_HEAL') ? error : trouble;
  }
  if (trouble !== undefined) throw trouble;
  await untilWhole(look, run);
  const healedMs = run.clock.nowMs();
  await run.pause(afterMs);
  await run.until(() => run.served.notSince(healedMs - afterMs, run.clock.nowMs()), 30_000);
}

/** From the first fault to the moment for healing. */
async function meanwhile({ plan, run, faults, application }: CourseInput): Promise<void> {
  const names = plan.victims.map(({ name }) => name).join(' and ');
  if (plan.fault !== undefined) {
    run.say(`putting in: ${plan.fault} on ${names}`, 3);
    await faults.inject();
    run.signal.throwIfAborted();
  }
  const faultMs = run.clock.nowMs();
  if (plan.drill.act.kind === 'exercise') {
    if (application === undefined) throw new Failure('INTERNAL', 'an exercise without its application');
    if (plan.fault !== undefined) await servedAgain(run, faultMs);
    await exercise(plan.drill.act.exercise, application, run);
    return;
  }
  const holdMs = plan.holdSeconds === 0 ? watchedMs : plan.holdSeconds * 1000;
  run.say(plan.holdSeconds === 0 ? 'the fault is in, and heals by itself' : `the fault is in, for ${plan.holdSeconds} s`, holdMs / 1000);
  await run.pause(holdMs);
  if (plan.drill.expects === 'no-writes') await firstBack(plan, run, faults);
  else await servedAgain(run, faultMs);
  run.say('healing', plan.fault === 'machine-power-off' || plan.fault === 'machine-reboot' ? 20 : 3);
}

/** Clients that are not served by then are told by the verdict. */
async function servedAgain(run: Running, faultMs: number): Promise<void> {
  const missing = () => run.served.notSince(faultMs, run.clock.nowMs());
  if (missing().length === 0) return;
  run.say('waiting until all clients are served again', 10);
  await run.until(missing, servedWithinSeconds * 1000);
}

/** With one of two machines back etcd has its quorum: that is what the recording must show before the other comes. */
async function firstBack(plan: DrillPlan, run: Running, faults: FaultsIn): Promise<void> {
  if (plan.victims.length < 2) return;
  run.say(`healing one of ${plan.victims.length}`, 20);
  if (!(await faults.healFirst())) return;
  const healedMs = run.clock.nowMs();
  run.say('waiting until writes are acknowledged again', 15);
  await run.until(() => run.served.notSince(healedMs, run.clock.nowMs(), ['writes']), writesAgainSeconds * 1000);
}

async function exercise(name: Parameters<Application['exercise']>[0], application: Application, run: Running): Promise<void> {
  const event = { kind: 'fault', fault: name, host: 'application' } as const;
  run.say(`doing with the application: ${name}`, 30);
  run.record({ ...event, atMs: run.clock.nowMs(), state: 'injected' });
  try {
    const done = await application.exercise(name, AbortSignal.any([run.signal, AbortSignal.timeout(exerciseSeconds * 1000)]));
    run.say(done);
  } catch (error) {
    run.signal.throwIfAborted();
    throw error;
  } finally {
    run.record({ ...event, atMs: run.clock.nowMs(), state: 'healed' });
  }
}

/** Each new thing that is wrong is recorded; after the time the last look stands. */
async function untilWhole(look: DrillContext['look'], run: Running): Promise<void> {
  run.say('waiting until the cluster is whole again', 30);
  const endMs = run.clock.nowMs() + wholeWithinSeconds * 1000;
  let told = '';
  for (;;) {
    const { healthy, problems } = await lookAgain(look);
    run.signal.throwIfAborted();
    if (told !== problems.join('\n') || healthy) {
      told = problems.join('\n');
      run.record({ kind: 'health', atMs: run.clock.nowMs(), healthy, problems });
    }
    if (healthy || run.clock.nowMs() >= endMs) return;
    await run.pause(lookEveryMs);
  }
}

async function lookAgain(look: DrillContext['look']): Promise<Pick<ClusterStatus, 'healthy' | 'problems'>> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { healthy: false, problems: [`the cluster cannot be asked: ${error.message}`] };
  }
}
