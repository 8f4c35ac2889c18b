/** Shows a recording on a terminal: for each kind of client, when it was served around a fault and when not. */

import { longestGap, type Window } from './longest-gap.ts';
import type { ProbeEvent } from './probes/probe-event.ts';

export interface TimelineOptions {
  /** When the fault was injected, in monotonic milliseconds. */
  readonly faultMs: number;
  /** What happened then: `power-off of m1`. */
  readonly fault: string;
  readonly window: Window;
}

const cellMs = 100;
const cellsBefore = 8;
const cellsAfter = 62;

/** Lines without a line end. Times are seconds from the fault. */
export function timeline(events: readonly ProbeEvent[], options: TimelineOptions): readonly string[] {
  const probes = [...new Set(events.map((event) => event.probe))].filter((probe) => probe !== 'own delay');
  const width = Math.max(...probes.map((probe) => probe.length), 0);
  const lines = [
    `0 s is the ${options.fault}. One character is ${cellMs} ms: █ served, ▒ some served, · none served.`,
    `${' '.repeat(width + 2)}${ruler()}`,
  ];
  for (const probe of probes) {
    lines.push(`${probe.padEnd(width)}  ${strip(ofProbe(events, probe, options.window), options.faultMs)}`);
  }
  lines.push('');
  for (const probe of probes) lines.push(`${probe.padEnd(width)}  ${describeGap(ofProbe(events, probe, options.window), options)}`);
  const delays = ofProbe(events, 'own delay', options.window).map((event) => event.endedMs - event.startedMs);
  if (delays.length > 0) {
    lines.push('', `The probes' own process was late ${delays.length} times, by at most ${Math.max(...delays).toFixed(0)} ms.`);
  }
  return lines;
}

function ofProbe(events: readonly ProbeEvent[], probe: string, window: Window): readonly ProbeEvent[] {
  return events.filter((event) => event.probe === probe && event.startedMs >= window.startMs && event.startedMs <= window.endMs);
}

/** A mark for every second, at the cell where that second begins. */
function ruler(): string {
  const marks = Array.from({ length: cellsBefore + cellsAfter }, () => ' ');
  for (let second = 0; second * (1000 / cellMs) < cellsAfter; second++) {
    const text = `|${second} s`;
    for (const [index, character] of [...text].entries()) {
      const cell = cellsBefore + second * (1000 / cellMs) + index;
      if (cell < marks.length) marks[cell] = character;
    }
  }
  return marks.join('').trimEnd();
}

/** By when attempts were started: a client that asked then, was it served? */
function strip(events: readonly ProbeEvent[], faultMs: number): string {
  let text = '';
  for (let cell = -cellsBefore; cell < cellsAfter; cell++) {
    const fromMs = faultMs + cell * cellMs;
    const started = events.filter((event) => event.startedMs >= fromMs && event.startedMs < fromMs + cellMs);
    const served = started.filter((event) => event.ok).length;
    text += started.length === 0 ? ' ' : served === started.length ? '█' : served > 0 ? '▒' : '·';
  }
  return text.trimEnd();
}

function describeGap(events: readonly ProbeEvent[], { faultMs, window }: TimelineOptions): string {
  const gap = longestGap(events, window);
  const at = (ms: number) => `${ms >= faultMs ? '+' : '−'}${(Math.abs(ms - faultMs) / 1000).toFixed(2)} s`;
  const failures = events.filter((event) => !event.ok);
  const last = gap.lastSuccessMs === undefined ? 'no success before it' : `last success ${at(gap.lastSuccessMs)}`;
  const first = gap.firstSuccessMs === undefined ? 'none after it' : `next ${at(gap.firstSuccessMs)}`;
  const until = failures.length === 0 ? '' : `, the last of them at ${at(Math.max(...failures.map((event) => event.startedMs)))}`;
  return `longest gap ${(gap.lengthMs / 1000).toFixed(2)} s (${last}, ${first}); ${failures.length} of ${events.length} failed${until}`;
}
