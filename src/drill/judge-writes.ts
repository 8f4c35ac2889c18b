/** Counts what became of numbered writes: an acknowledged one must never be lost. */

import type { ProbeEvent } from './probes/probe-event.ts';

export interface WriteVerdict {
  readonly acknowledged: number;
  /** Acknowledged, and not there when read back: the one thing that must not happen. */
  readonly lost: readonly number[];
  /** Not acknowledged (refused or timed out), and there all the same: allowed, as the answer may have been lost. */
  readonly unacknowledgedButThere: readonly number[];
  /** Not acknowledged and not there. */
  readonly failed: number;
}

/** Of the events of a write probe and the numbers read back after its end. */
export function judgeWrites(events: readonly ProbeEvent[], readBack: ReadonlySet<number>): WriteVerdict {
  const lost: number[] = [];
  const unacknowledgedButThere: number[] = [];
  let acknowledged = 0;
  let failed = 0;
  for (const event of events) {
    const number = writeNumber(event);
    if (number === undefined) continue;
    if (event.ok) {
      acknowledged += 1;
      if (!readBack.has(number)) lost.push(number);
    } else if (readBack.has(number)) unacknowledgedButThere.push(number);
    else failed += 1;
  }
  return { acknowledged, lost, unacknowledgedButThere, failed };
}

/** undefined for an event of another probe. */
function writeNumber(event: ProbeEvent): number | undefined {
  const digits = /^#(\d+)/.exec(event.detail ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
