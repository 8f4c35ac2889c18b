/** What became of watches around a fault: whose connection was cut when, and when changes reached everyone again. */

import { longestGap, type Window } from './longest-gap.ts';
import type { ProbeEvent } from './probes/probe-event.ts';
import { readWatchDetail } from './probes/watch-probe.ts';

/** Times in milliseconds. */
export interface WatchVerdict {
  readonly clients: number;
  /** Clients whose watch was with the victim's apiserver at the fault. */
  readonly onVictim: number;
  /** Connections that were open at the fault and ended after it, and of these the victim's. */
  readonly cut: number;
  readonly cutOnVictim: number;
  /** From the fault to the end of the last of these connections; undefined when none ended. */
  readonly slowestCutMs: number | undefined;
  /** The same, of those with the victim's apiserver. */
  readonly slowestCutOnVictimMs: number | undefined;
  /** The longest time that any client heard of no change. */
  readonly gapMs: number;
  /** Whether every client heard of changes after the fault and at the window's end. */
  readonly allMoved: boolean;
}

/** A client that hears nothing for so long at the window's end has not moved. */
const lateMs = 2000;

/** Of the events of one place's watch probe. `victim`: the address of the machine that was lost. */
export function judgeWatch(
  events: readonly ProbeEvent[],
  { faultMs, window, victim }: { readonly faultMs: number; readonly window: Window; readonly victim: string },
): WatchVerdict {
  const told = events.flatMap((event) => {
    const detail = readWatchDetail(event);
    return detail === undefined ? [] : [{ event, detail }];
  });
  const clients = [...new Set(told.map(({ detail }) => detail.client))].map((client) => {
    const own = told.filter(({ detail }) => detail.client === client);
    const last = own.findLast(({ event, detail }) => detail.kind === 'change' && event.endedMs <= faultMs)?.detail;
    const cut = own.find(({ event, detail }) => detail.kind === 'cut' && event.startedMs <= faultMs && event.endedMs >= faultMs);
    const ownEvents = own.map(({ event }) => event);
    return {
      onVictim: last?.kind === 'change' && last.peer === victim,
      cutMs: cut === undefined ? undefined : cut.event.endedMs - faultMs,
      gapMs: longestGap(ownEvents, window).lengthMs,
      moved: ownEvents.some((event) => event.ok && event.endedMs > faultMs && event.endedMs > window.endMs - lateMs),
    };
  });
  const cuts = clients.flatMap(({ cutMs }) => (cutMs === undefined ? [] : [cutMs]));
  const cutsOnVictim = clients.flatMap(({ cutMs, onVictim }) => (cutMs === undefined || !onVictim ? [] : [cutMs]));
  return {
    clients: clients.length,
    onVictim: clients.filter(({ onVictim }) => onVictim).length,
    cut: cuts.length,
    cutOnVictim: cutsOnVictim.length,
    slowestCutMs: cuts.length === 0 ? undefined : Math.max(...cuts),
    slowestCutOnVictimMs: cutsOnVictim.length === 0 ? undefined : Math.max(...cutsOnVictim),
    gapMs: Math.max(...clients.map(({ gapMs }) => gapMs), 0),
    allMoved: clients.every(({ moved }) => moved),
  };
}
