/** One phase on one host: plan, check, then carry out in order what is not done. */

import { Failure } from '../model/failure.ts';
import type { Phase, PlanInput } from '../model/phase.ts';
import type { Step } from '../model/step.ts';
import { checkSteps } from './check.ts';
import { secondsSince } from './clock.ts';
import { executeStep } from './execute/step.ts';
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
  const tell = (
    step: Step,
    state: 'planned' | 'unchanged' | 'started' | 'changed' | 'failed',
    more: { seconds?: number; message?: string } = {},
  ) => machine.emit({ kind: 'step', state, phase: phase.name, host: step.host, step: step.id, title: step.title, ...more });
  const planned: Step[] = [];
  let done = await checkSteps(machine, steps);
  // After a change, what was found before it may be untrue: a package brings a file, a new configuration makes a check fail.
  let stale = false;
  let changed = 0;
  for (const [index, step] of steps.entries()) {
    machine.signal.throwIfAborted();
    if (stale && done.has(step)) {
      done = await checkSteps(machine, steps.slice(index));
      stale = false;
    }
    if (done.has(step)) tell(step, 'unchanged');
    else if (mode === 'plan') {
      planned.push(step);
      tell(step, 'planned');
    } else {
      tell(step, 'started');
      const start = machine.clock.now();
      try {
        const outcome = await executeStep(machine, step);
        tell(step, outcome, { seconds: secondsSince(machine.clock, start) });
        if (outcome === 'changed') {
          changed += 1;
          stale = true;
        }
      } catch (error) {
        tell(step, 'failed', {
          seconds: secondsSince(machine.clock, start),
          message: error instanceof Error ? error.message : String(error),
        });
        throw error;
      }
    }
  }
  return { changed, planned };
}

function refuseWrongSteps(phase: Phase, host: string, steps: readonly Step[]): void {
  const ids = new Set<string>();
  for (const { id, host: named } of steps) {
    if (ids.has(id)) throw new Failure('INTERNAL', `phase ${phase.name} plans the step ${id} twice on ${host}`);
    if (named !== host) throw new Failure('INTERNAL', `phase ${phase.name} plans the step ${id} for ${named} when asked for ${host}`);
    ids.add(id);
  }
}
