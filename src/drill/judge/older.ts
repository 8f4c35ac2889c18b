/** What shows an older state than something that had ended before it began: the one question behind stale reads and writes out of order. */

import type { ProbeEvent } from '../probes/probe-event.ts';

export interface Dated {
  readonly line: number;
  readonly event: ProbeEvent;
  readonly revision: number;
  /** Of a write. */
  readonly number?: number;
}

export interface Older {
  readonly one: Dated;
  /** The one with the highest revision among those that had ended before. */
  readonly than: Dated;
}

/** Those of `later` that began when one of `earlier` with a higher revision had ended, more than `apartMs` before. */
export function olderThan(later: readonly Dated[], earlier: readonly Dated[], apartMs: number): readonly Older[] {
  const ended = earlier.toSorted((a, b) => a.event.endedMs - b.event.endedMs);
  const found: Older[] = [];
  let next = 0;
  let highest: Dated | undefined;
  for (const one of later.toSorted((a, b) => a.event.startedMs - b.event.startedMs)) {
    for (let other = ended[next]; other !== undefined && other.event.endedMs + apartMs < one.event.startedMs; other = ended[++next]) {
      if (highest === undefined || other.revision > highest.revision) highest = other;
    }
    if (highest !== undefined && one.revision < highest.revision) found.push({ one, than: highest });
  }
  return found;
}
