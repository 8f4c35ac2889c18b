/** Looks at something again and again, and tells what has changed. */

import { monotonicMs } from '../probes/monotonic.ts';
import { pause } from './pause.ts';

export interface Looks {
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/** When it was looked, and when before: a change lies between the two. */
export interface When {
  readonly atMs: number;
  readonly sinceMs: number;
}

/**
 * `look` must have a timeout of its own, and may throw nothing. The first look is told, then each that differs (as JSON). A look
 * that takes longer than the pace delays the next.
 */
export async function lookEvery<T>(pace: Looks, look: () => Promise<T> | T, tell: (seen: T, when: When) => void): Promise<void> {
  let before: string | undefined;
  let sinceMs = monotonicMs();
  while (!pace.signal.aborted) {
    const startedMs = monotonicMs();
    const seen = await look();
    if (pace.signal.aborted) return;
    const atMs = monotonicMs();
    const text = JSON.stringify(seen);
    if (text !== before) tell(seen, { atMs, sinceMs });
    before = text;
    // What was seen may be as old as the look's beginning.
    sinceMs = startedMs;
    await pause(Math.max(1, pace.everyMs - (monotonicMs() - startedMs)), pace.signal);
  }
}
