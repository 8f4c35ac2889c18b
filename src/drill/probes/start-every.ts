/** Starts an attempt on every tick of a clock, whatever became of the earlier ones. */

import { monotonicMs } from './monotonic.ts';
import type { ProbeEvent } from './probe-event.ts';

/** What one attempt came to. */
export interface Outcome {
  readonly ok: boolean;
  readonly detail?: string;
  readonly outcome?: 'refused' | 'unknown';
  readonly revision?: number;
}

export interface Pace {
  /** Between the starts of two attempts. */
  readonly everyMs: number;
  /** No attempt starts after so many. */
  readonly maximum: number;
  readonly signal: AbortSignal;
}

export interface ProbeName {
  readonly probe: string;
  /** Where the client stands, for people. */
  readonly from: string;
}

/** Ends when the signal aborts or the maximum is reached, after the attempts still under way. Attempts must have their own timeout. */
export async function startEvery(
  name: ProbeName,
  pace: Pace,
  attempt: (number: number) => Promise<Outcome>,
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const firstMs = monotonicMs();
  for (let number = 0; number < pace.maximum && !pace.signal.aborted; number++) {
    const startedMs = monotonicMs();
    const one: Promise<void> = attempt(number)
      .catch((error: unknown) => ({ ok: false, detail: error instanceof Error ? error.message : String(error) }))
      .then((outcome) => {
        underWay.delete(one);
        emit({ kind: 'probe', ...name, startedMs, endedMs: monotonicMs(), ...outcome });
      });
    underWay.add(one);
    // Ticks that a busy machine made us miss are left out, so that they do not come in a burst.
    const ticks = Math.floor((monotonicMs() - firstMs) / pace.everyMs) + 1;
    await untilMs(firstMs + ticks * pace.everyMs, pace.signal);
  }
  await Promise.all(underWay);
}

function untilMs(dueMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, dueMs - monotonicMs()));
    signal.addEventListener('abort', done, { once: true });
  });
}
