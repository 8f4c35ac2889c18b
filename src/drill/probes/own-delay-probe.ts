/** Watches the probes' own process: when it was not scheduled, gaps look longer than they were. */

import { monotonicMs } from './monotonic.ts';
import type { ProbeEvent } from './probe-event.ts';

/** Every 10 ms would cost 1 % of a core more in each place (measured); budgets are tenths of a second. */
const everyMs = 25;
/** Late timers up to this are not told. */
const toleratedMs = 20;

/** Emits an event for each time that the event loop was late; its length is the delay. Ends when the signal aborts. */
export function ownDelayProbe(from: string, signal: AbortSignal, emit: (event: ProbeEvent) => void): Promise<void> {
  let dueMs = monotonicMs() + everyMs;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const nowMs = monotonicMs();
      const lateMs = nowMs - dueMs;
      if (lateMs > toleratedMs) {
        emit({ kind: 'probe', probe: 'own delay', from, startedMs: dueMs, endedMs: nowMs, ok: false, detail: `${lateMs.toFixed(0)} ms` });
      }
      dueMs = nowMs + everyMs;
    }, everyMs);
    signal.addEventListener(
      'abort',
      () => {
        clearInterval(timer);
        resolve();
      },
      { once: true },
    );
  });
}
