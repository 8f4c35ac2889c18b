/** Time as the engine sees it, passed in so that tests decide what it is. */

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Rejects when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: async (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/** Seconds since a reading of the clock, to the hundredth. */
export function secondsSince(clock: Clock, start: number): number {
  return Math.round((clock.now() - start) / 10) / 100;
}
