/** The one measure of an outage: how long a client went without a success. */

import type { ProbeEvent } from './probes/probe-event.ts';

/** Both in monotonic milliseconds. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

export interface Gap {
  readonly lengthMs: number;
  /** The success before it; undefined when it began with the window. */
  readonly lastSuccessMs: number | undefined;
  /** The success after it; undefined when there was none until the window's end. */
  readonly firstSuccessMs: number | undefined;
}

/**
 * The longest time between two consecutive successful completions within the window.
 * Its start and end count as bounds, so that a client that never recovered shows the whole rest of the window.
 */
export function longestGap(events: readonly ProbeEvent[], window: Window): Gap {
  const successes = events
    .filter((event) => event.ok && event.endedMs >= window.startMs && event.endedMs <= window.endMs)
    .map((event) => event.endedMs)
    .toSorted((a, b) => a - b);
  let longest: Gap = { lengthMs: -1, lastSuccessMs: undefined, firstSuccessMs: undefined };
  for (let index = 0; index <= successes.length; index++) {
    const lastSuccessMs = successes[index - 1];
    const firstSuccessMs = successes[index];
    const lengthMs = (firstSuccessMs ?? window.endMs) - (lastSuccessMs ?? window.startMs);
    if (lengthMs > longest.lengthMs) longest = { lengthMs, lastSuccessMs, firstSuccessMs };
  }
  return longest;
}
