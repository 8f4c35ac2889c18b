/** Sums up what the clients of one place had to wait for around a fault: what results and tables are made of. */

import { judgeWatch, type WatchVerdict } from './judge-watch.ts';
import { longestGap, type Window } from './longest-gap.ts';
import type { ProbeEvent } from './probes/probe-event.ts';

/** Milliseconds; those called `…AtMs` count from the fault. */
export interface GapFigures {
  readonly gapMs: number;
  /** The success before the gap; undefined when it began with the window. */
  readonly beginAtMs: number | undefined;
  /** The success after it; undefined when there was none. */
  readonly endAtMs: number | undefined;
  readonly attempts: number;
  readonly failed: number;
}

export interface ClientsVerdict {
  readonly from: string;
  /** By probe: new connections, linearizable reads, … */
  readonly gaps: Readonly<Record<string, GapFigures>>;
  readonly watch: WatchVerdict | undefined;
  /** How late the probes' own process was at worst: gaps cannot be told more exactly. */
  readonly ownDelayMs: number;
}

export interface FaultTimes {
  readonly faultMs: number;
  readonly window: Window;
  /** Address of the machine that was lost. */
  readonly victim: string;
}

/** `events`: a whole recording of one place. */
export function judgeClients(from: string, events: readonly ProbeEvent[], times: FaultTimes): ClientsVerdict {
  const probes = [...new Set(events.map((event) => event.probe))].filter((probe) => probe !== 'own delay' && probe !== 'watch');
  const delays = events.filter((event) => event.probe === 'own delay' && event.endedMs >= times.window.startMs);
  return {
    from,
    gaps: Object.fromEntries(probes.map((probe) => [probe, gapOf(events, probe, times)])),
    watch: events.some((event) => event.probe === 'watch') ? roundedWatch(judgeWatch(events, times)) : undefined,
    ownDelayMs: Math.round(Math.max(0, ...delays.map((event) => event.endedMs - event.startedMs))),
  };
}

function gapOf(events: readonly ProbeEvent[], probe: string, { faultMs, window }: FaultTimes): GapFigures {
  const own = events.filter((event) => event.probe === probe);
  const within = own.filter((event) => event.startedMs >= window.startMs && event.startedMs <= window.endMs);
  const { lengthMs, lastSuccessMs, firstSuccessMs } = longestGap(own, window);
  return {
    gapMs: round(lengthMs),
    beginAtMs: lastSuccessMs === undefined ? undefined : round(lastSuccessMs - faultMs),
    endAtMs: firstSuccessMs === undefined ? undefined : round(firstSuccessMs - faultMs),
    attempts: within.length,
    failed: within.filter((event) => !event.ok).length,
  };
}

function roundedWatch(verdict: WatchVerdict): WatchVerdict {
  const optional = (value: number | undefined) => (value === undefined ? undefined : round(value));
  return {
    ...verdict,
    slowestCutMs: optional(verdict.slowestCutMs),
    slowestCutOnVictimMs: optional(verdict.slowestCutOnVictimMs),
    gapMs: round(verdict.gapMs),
  };
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
