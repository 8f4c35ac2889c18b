/** Attempts that failed while a fault was in: of an application that is being updated none may. */

import { exercises } from '../application/exercise.ts';
import type { Recording } from '../recording/recording.ts';
import { budgetName } from './budgets.ts';
import type { Attempt, FaultTimes, Lane } from './lanes.ts';

export interface Failures {
  readonly failed: readonly Attempt[];
  readonly attempts: number;
}

/** When attempts count: while the application is exercised, else while a fault is in. */
export function failuresWindow({ lines, endMs }: Recording, { injectedMs, healedMs }: FaultTimes) {
  const exercised = lines.flatMap(({ event }) => (event.kind === 'fault' && isExercise(event.fault) ? [event] : []));
  const first = exercised.find(({ state }) => state === 'injected');
  if (first !== undefined) return { fromMs: first.atMs, toMs: exercised.findLast(({ state }) => state === 'healed')?.atMs ?? endMs };
  return injectedMs === undefined ? undefined : { fromMs: injectedMs, toMs: healedMs ?? endMs };
}

export function isExercise(fault: string): boolean {
  return exercises.some((name) => name === fault);
}

/** Of all clients of a probe in one place, or in all; undefined: none ran then. Attempts count by when they began. */
export function failuresOf(
  lanes: readonly Lane[],
  {
    name,
    place,
    window,
  }: { readonly name: string; readonly place: string | undefined; readonly window: ReturnType<typeof failuresWindow> },
): Failures | undefined {
  if (window === undefined) return undefined;
  const own = lanes.filter(({ probe, from }) => budgetName(probe) === name && (place === undefined || from === place));
  const within = own
    .flatMap(({ attempts }) => attempts)
    .filter(({ event }) => event.startedMs >= window.fromMs && event.startedMs <= window.toMs);
  return within.length === 0 ? undefined : { failed: within.filter(({ event }) => !event.ok), attempts: within.length };
}
