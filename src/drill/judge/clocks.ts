/** How exactly times of two places can be compared: what is nearer than their clocks are known is not judged as order. */

import type { RecordingHeader } from '../recording/recording.ts';

/** Recordings of before agents had clocks of their own were made on one machine. */
const unknownMs = 10;
/** Tenths of a millisecond are recorded; a process may be put off between an answer and its stamp. */
const leastMs = 1;

export interface Clocks {
  /** How much later something at `b` must be than something at `a` to have come after it, in milliseconds. */
  readonly apartMs: (a: string, b: string) => number;
  /** Of one place against the recorder's clock. */
  readonly errorMs: (from: string) => number;
  /** Of the place that is known least. */
  readonly worstMs: number;
}

export function clocksOf({ clocks = [] }: RecordingHeader): Clocks {
  const known = new Map(clocks.map(({ from, errorMs }) => [from, errorMs]));
  // Outside is where the recorder is.
  const errorMs = (from: string) => known.get(from) ?? (from === 'outside' ? 0 : unknownMs);
  return {
    errorMs,
    // A place's clock is read against the recorder's again and again, so that even its own times may shift by as much.
    apartMs: (a, b) => (a === b ? (known.get(a) ?? 0) : Math.max(leastMs, errorMs(a) + errorMs(b))),
    worstMs: Math.max(0, ...known.values()),
  };
}
