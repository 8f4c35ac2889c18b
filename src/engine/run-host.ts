/** One phase on one host: plan, check, then carry out in order what is not done. */

import { Failure } from '../model/failure.ts';
import type { Phase, PlanInput } from '../model/phase.ts';
import type { Step } from '../model/step.ts';
import { checkSteps } from './check.ts';
import { secondsSince } from './clock.ts';
import { executeStep, executeTogether } from './execute/step.ts';
import type { Machine } from './machine.ts';

export interface HostResult {
  readonly changed: number;
  /** Plan mode: the steps that an apply would carry out. */
  readonly planned: readonly Step[];
}

/** Ends at the first step that fails. */
export async function runHost(machine: Machine, phase: Phase, input: PlanInput, mode: 'plan' | 'apply'): Promise<HostResult> {
  const steps = await phase.plan(input);
  refuseWrongSteps(phase, input.host.name, steps);
  const tell = teller(machine, phase);
  let done = await checkSteps(machine, steps);
  if (mode === 'plan') {
    for (const step of steps) tell(step, done.has(step) ? 'unchanged' : 'planned');
    return { changed: 0, planned: steps.filter((step) => !done.has(step)) };
  }
  // After a change, what was found before it may be untrue: a package brings a file, a new configuration makes a check fail.
  let stale = false;
  let changed = 0;
  for (let index = 0; index < steps.length; ) {
    machine.signal.throwIfAborted();
    const group = nextGroup(steps, index, done);
    index += group.length;
    const [step] = group;
    if (step === undefined) break;
    if (stale && done.has(step)) {
      done = await checkSteps(machine, steps.slice(index - 1));
      stale = false;
    }
    if (done.has(step)) tell(step, 'unchanged');
    else {
      const made = await carryOut(machine, group, tell);
      changed += made;
      stale ||= made > 0;
    }
  }
  return { changed, planned: [] };
}

type Tell = (
  step: Step,
  state: 'planned' | 'unchanged' | 'started' | 'changed' | 'failed',
  more?: { seconds?: number; message?: string },
) => void;

function teller(machine: Machine, phase: Phase): Tell {
  return (step, state, more = {}) =>
    machine.emit({ kind: 'step', state, phase: phase.name, host: step.host, step: step.id, title: step.title, ...more });
}

/** The next step, or the next few that can be made in one round trip: files, or links, none of them done. */
function nextGroup(steps: readonly Step[], index: number, done: ReadonlySet<Step>): readonly Step[] {
  const first = steps[index];
  if (first === undefined) return [];
  const { kind } = first.action;
  if (done.has(first) || (kind !== 'file' && kind !== 'link')) return [first];
  const rest = steps.slice(index);
  const end = rest.findIndex((step) => step.action.kind !== kind || done.has(step));
  return end < 0 ? rest : rest.slice(0, end);
}

/** How many steps changed something. */
async function carryOut(machine: Machine, group: readonly Step[], tell: Tell): Promise<number> {
  const start = machine.clock.now();
  if (group.length > 1) {
    for (const step of group) tell(step, 'started');
    if (await executeTogether(machine, group)) {
      for (const step of group) tell(step, 'changed', { seconds: secondsSince(machine.clock, start) });
      return group.length;
    }
  }
  let changed = 0;
  for (const step of group) changed += await carryOutOne(machine, step, tell);
  return changed;
}

async function carryOutOne(machine: Machine, step: Step, tell: Tell): Promise<0 | 1> {
  tell(step, 'started');
  const start = machine.clock.now();
  try {
    const outcome = await executeStep(machine, step);
    tell(step, outcome, { seconds: secondsSince(machine.clock, start) });
    return outcome === 'changed' ? 1 : 0;
  } catch (error) {
    tell(step, 'failed', { seconds: secondsSince(machine.clock, start), message: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

function refuseWrongSteps(phase: Phase, host: string, steps: readonly Step[]): void {
  const ids = new Set<string>();
  for (const { id, host: named } of steps) {
    if (ids.has(id)) throw new Failure('INTERNAL', `phase ${phase.name} plans the step ${id} twice on ${host}`);
    if (named !== host) throw new Failure('INTERNAL', `phase ${phase.name} plans the step ${id} for ${named} when asked for ${host}`);
    ids.add(id);
  }
}
