/** Makes recordings small for the page: attempts as deltas, failures by number, states as changes only. */

import { isExercise } from '../judge/judge-failures.ts';
import { stateOf } from '../judge/judge-times.ts';
import { type Attempt, type Lane, ownDelay } from '../judge/lanes.ts';
import { plural, seconds } from '../judge/reason.ts';
import type { Recording } from '../recording/recording.ts';
import { timeOf } from '../recording/recording.ts';
import type { Verdict } from '../verdict.ts';
import type { Judged } from './judged.ts';
import type { PageGap, PageLane, PageMark, PageRecording, PageState, Tone } from './page/page-data.ts';
import { encodeTrack, type TrackAttempt } from './page/track.ts';

export function pageRecording({ recording, lanes: all, verdict }: Judged): PageRecording {
  const places = Map.groupBy(all, ({ probe, from }) => `${probe} from ${from}`);
  return {
    title: recording.name,
    zeroMs: Math.round(verdict.fault.injectedMs ?? 0),
    endMs: Math.round(recording.endMs),
    lanes: [...places].map(([title, lanes]) => pageLane(title, lanes, verdict)),
    states: pageStates(recording),
    marks: marksOf(recording),
  };
}

function pageLane(title: string, lanes: readonly Lane[], verdict: Verdict): PageLane {
  const reasons: string[] = [];
  const numbers = new Map<string, number>();
  const numberOf = ({ event }: Attempt): number => {
    const reason = (event.detail ?? 'failed').replace(/^#\d+ /, '').slice(0, 200);
    const known = numbers.get(reason);
    // So many different ones are noise: the rest shares the last number.
    if (known !== undefined || reasons.length >= 1000) return known ?? reasons.length;
    reasons.push(reason);
    numbers.set(reason, reasons.length);
    return reasons.length;
  };
  const [{ probe, from } = { probe: '', from: '' }] = lanes;
  const gaps = verdict.gaps.filter((gap) => gap.probe === probe && gap.from === from);
  const worst = gaps.toSorted((a, b) => b.gapMs - a.gapMs)[0];
  const attempts = lanes.flatMap((lane) => lane.attempts);
  const failures = attempts.filter(({ event }) => !event.ok).length;
  const late = attempts.reduce((most, { event }) => Math.max(most, event.endedMs - event.startedMs), 0);
  const missed = verdict.budgets.some(({ kept, reason }) => kept === 'missed' && reason?.text.startsWith(`${probe} from ${from}`) === true);
  return {
    title,
    note:
      probe === ownDelay
        ? `late ${plural(attempts.length, 'time')}, at most ${seconds(late)}`
        : `longest gap ${seconds(worst?.gapMs ?? 0)}; ${failures} of ${attempts.length} failed`,
    tracks: lanes.map((lane) => encodeTrack(trackOf(lane, numberOf))),
    spans: probe === ownDelay,
    reasons,
    gap: gapOf(worst, verdict, missed),
  };
}

/** In order of the moments that attempts stand for. */
export function trackOf({ client, attempts }: Lane, numberOf: (attempt: Attempt) => number): readonly TrackAttempt[] {
  return attempts
    .map((attempt) => ({
      // A client that asked then, was it served? A watch does not ask: it hears.
      at: Math.round(client === undefined ? attempt.event.startedMs : attempt.event.endedMs),
      lasted: Math.round(attempt.event.endedMs - attempt.event.startedMs),
      failed: attempt.event.ok ? 0 : numberOf(attempt),
    }))
    .toSorted((a, b) => a.at - b.at);
}

/** Shorter ones are the probes' pace. */
const shownMs = 200;

function gapOf(worst: Verdict['gaps'][number] | undefined, { fault, gaps }: Verdict, bad: boolean): PageGap | undefined {
  if (worst === undefined || worst.gapMs < shownMs || fault.injectedMs === undefined) return undefined;
  const untilMs = gaps.reduce((latest, { endMs }) => Math.max(latest, endMs ?? 0), 0);
  const fromMs = Math.round(worst.beginMs ?? 0);
  return { fromMs, toMs: Math.round(worst.endMs ?? Math.max(untilMs, fromMs + worst.gapMs)), bad };
}

export function pageStates({ lines, header }: Recording): readonly PageState[] {
  const machines = header.machines.map(({ name }) => name);
  const states = new Map<string, { ms: number; is: string; tone: Tone }[]>();
  for (const { event } of lines) {
    const state = stateOf(event);
    if (state === undefined) continue;
    const changes = states.get(state.of) ?? [];
    states.set(state.of, changes);
    if (changes.at(-1)?.is === state.is) continue;
    changes.push({ ms: Math.round(timeOf(event)), is: state.is, tone: toneOf(state.is, state.good, machines) });
  }
  return [...states].toSorted(([a], [b]) => rank(a) - rank(b)).map(([title, changes]) => ({ title, changes }));
}

function toneOf(is: string, good: boolean, machines: readonly string[]): Tone {
  const number = machines.indexOf(is) % 6;
  if (number === 0 || number === 1 || number === 2 || number === 3 || number === 4 || number === 5) return number;
  if (good) return 'good';
  return is === 'SUSPECT' || is === 'DRAIN' || is === 'learner' || is === 'Unknown' ? 'warn' : 'bad';
}

/** Who holds what comes first: it is what people ask for. */
function rank(title: string): number {
  const order = [/^VIP$/, /^etcd leader$/, /^kube-/, / sees /, /^etcd /, /^node /];
  const found = order.findIndex((pattern) => pattern.test(title));
  return found === -1 ? order.length : found;
}

function marksOf({ lines }: Recording): readonly PageMark[] {
  return lines.flatMap(({ event }): readonly PageMark[] => {
    if (event.kind !== 'fault') return [];
    const injected = event.state === 'injected';
    return [
      {
        ms: Math.round(event.atMs),
        text: isExercise(event.fault)
          ? exercised(event.fault, injected)
          : injected
            ? `${event.fault} of ${event.host}`
            : `${event.host} healed`,
        kind: injected ? 'fault' : 'heal',
      },
    ];
  });
}

function exercised(name: string, begins: boolean): string {
  return begins ? name : `${name} done`;
}
