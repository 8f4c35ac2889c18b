/** The longest time without a success of each client, around a fault: from one success to the next. */

import type { Attempt, Lane } from './lanes.ts';

export interface GapFigures {
  readonly probe: string;
  readonly from: string;
  readonly client: string | undefined;
  readonly gapMs: number;
  /** The success before the gap; undefined: there was none. */
  readonly beginMs: number | undefined;
  /** The success after it; undefined: there was none, to the end of probing. */
  readonly endMs: number | undefined;
  /** Lines of those two. */
  readonly lines: readonly number[];
  /** The longest gap that ended before the fault; 0 without a fault. */
  readonly beforeMs: number;
  readonly attempts: number;
  /** Attempts without success, and those among them that were answered no at once. */
  readonly failed: number;
  readonly refused: number;
  /** How often each reason was given, the most frequent first. */
  readonly reasons: readonly (readonly [reason: string, count: number])[];
}

interface Window {
  /** A gap that ended before this does not count; undefined: all count. */
  readonly faultMs: number | undefined;
  readonly untilMs: number;
}

/** A client that was silent for so long at the end was not served; less is only its pace. */
const silentMs = 2000;

/** Of a client that made at least one attempt. */
export function judgeGap({ probe, from, client, attempts }: Lane, { faultMs, untilMs }: Window): GapFigures {
  const successes = attempts.filter(({ event }) => event.ok);
  const failures = attempts.filter(({ event }) => !event.ok);
  const startMs = attempts.reduce((first, { event }) => Math.min(first, event.startedMs), Number.POSITIVE_INFINITY);
  const lastMs = attempts.at(-1)?.event.endedMs ?? 0;
  const endMs = untilMs - lastMs > silentMs ? untilMs : lastMs;
  let longest: { readonly lengthMs: number; readonly before?: Attempt | undefined; readonly after?: Attempt | undefined } = { lengthMs: 0 };
  let beforeMs = 0;
  for (let index = 0; index <= successes.length; index++) {
    const before = successes[index - 1];
    const after = successes[index];
    const toMs = after?.event.endedMs ?? endMs;
    const lengthMs = toMs - (before?.event.endedMs ?? startMs);
    if (faultMs !== undefined && toMs < faultMs) beforeMs = Math.max(beforeMs, lengthMs);
    else if (lengthMs > longest.lengthMs) longest = { lengthMs, before, after };
  }
  return {
    probe,
    from,
    client,
    gapMs: longest.lengthMs,
    beginMs: longest.before?.event.endedMs,
    endMs: longest.after?.event.endedMs,
    lines: [longest.before?.line, longest.after?.line].filter((line) => line !== undefined),
    beforeMs,
    attempts: attempts.length,
    failed: failures.length,
    refused: failures.filter(({ event }) => /\b(ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|status \d+)\b/.test(event.detail ?? ''))
      .length,
    reasons: reasonsOf(failures),
  };
}

function reasonsOf(failures: readonly Attempt[]): GapFigures['reasons'] {
  const counts = new Map<string, number>();
  for (const { event } of failures) {
    const reason = (event.detail ?? 'no reason given').replace(/^(#\d+|w\d+) ?/, '') || 'no reason given';
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a).slice(0, 10);
}

/** How much of a span the probing process itself was late, in milliseconds. `delays`: its own events, of the same place. */
export function lateWithin(delays: readonly Attempt[], fromMs: number, toMs: number): number {
  return delays.reduce((sum, { event }) => sum + Math.max(0, Math.min(toMs, event.endedMs) - Math.max(fromMs, event.startedMs)), 0);
}
