/**
 * When a backend is looked at next, and how.
 *
 * The loop, for each backend (looks overlap, none is waited for):
 *   arm():  clear the timer; next = nextLook(health, {…, underWay: {looks, nowMs}}); set the timer to next.afterMs → begin(next.kind)
 *   begin:  looks = lookBegun(looks, kind, now); if it is a check or fresh, remember when; arm()
 *           prober.look(kind) → looks = lookEnded(looks, kind); health = observe(health, look, policy, pace); arm()
 *   and arm() after any other news (the held session closed).
 * A loop that waits for each look leaves underWay out: then afterMs counts from now, and detection is slower.
 *
 * What runs side by side:
 *   UP, a session held        PING every E, check every C
 *   UP, none held             fresh every E, and a connect beside one that is not answered within timeoutMs
 *   silent (misses > 0)       connect and PING every S, fresh as soon as none is open, and again after timeoutMs
 *   SUSPECT, unheard          fresh every E, connect as above
 *   SUSPECT, not answering what it is asked, though alive: PING every E, fresh every E
 *   SUSPECT, untrusted or held down; DRAIN: PING every E, check every C/2 (S once it began to rise)
 *   DOWN                      fresh every E (S once it began to rise; E/2 while nobody is UP)
 * E, C, S: everyMs, checkEveryMs, suspectEveryMs, stretched so that all backends together see at most about looksPerSecondMost.
 */

import type { Pace } from '../settings.ts';
import type { BackendHealth, NextLook } from './backend-health.ts';
import type { LookKind } from './look.ts';
import type { LooksUnderWay } from './looks-under-way.ts';

export interface NextLookInput {
  readonly pace: Pace;
  /** A session is held that can be PINGed. */
  readonly heldSession: boolean;
  /** Milliseconds since the last whole question (check or fresh) began; Infinity: none yet. */
  readonly sinceCheckMs: number;
  /** How many backends this daemon looks at. */
  readonly backends: number;
  /** How many of them are not UP, this one included; 1 where it is left out. */
  readonly unwell?: number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Left out: none is under way. */
  readonly underWay?: { readonly looks: LooksUnderWay; readonly nowMs: number };
}

/** A look that may take place beside others: how often one begins, and how many may be open at once. */
interface Lane {
  readonly kind: LookKind;
  readonly everyMs: number;
  readonly most: number;
  /** Monotonic. */
  readonly notBeforeMs?: number;
}

/** PINGs cost about 50 µs each; a whole question on a new TLS connection some ten times that. */
const looksPerSecondMost = 400;
const freshWeight = 4;

export function nextLook(health: BackendHealth, input: NextLookInput): NextLook {
  const lanes = lanesOf(health, input);
  const due = lanes.flatMap((lane) => {
    const afterMs = dueInMs(lane, input);
    return afterMs === undefined ? [] : [{ kind: lane.kind, afterMs }];
  });
  const [first, ...others] = due;
  // Every lane is full: something of it ends within its own timeout, and the loop asks again then.
  if (first === undefined) return { kind: lanes[0]?.kind ?? 'fresh', afterMs: input.pace.timeoutMs + 2 * input.pace.checkTimeoutMs };
  return others.reduce((best, next) => (next.afterMs < best.afterMs ? next : best), first);
}

function lanesOf(health: BackendHealth, input: NextLookInput): readonly Lane[] {
  const { everyMs, checkEveryMs, suspectEveryMs, risingEveryMs, downEveryMs } = stretched(input);
  const rising = health.rises > 0;
  const ping = (ms: number, most: number): readonly Lane[] => (input.heldSession ? [{ kind: 'ping', everyMs: ms, most }] : []);
  const check = (ms: number): Lane => ({ kind: input.heldSession ? 'check' : 'fresh', everyMs: ms, most: 1 });
  const fresh = (ms: number, most: number): Lane => ({ kind: 'fresh', everyMs: ms, most });
  if (health.state === 'DOWN') return [fresh(rising ? risingEveryMs : downEveryMs, 2)];
  if (health.misses > 0) {
    const again = fresh(input.underWay?.looks.fresh.open === 0 ? suspectEveryMs : input.pace.timeoutMs, 2);
    // One after another only the look that can tell everything makes sense.
    if (input.underWay === undefined) return [{ ...again, everyMs: suspectEveryMs }];
    return [again, { kind: 'connect', everyMs: suspectEveryMs, most: 3 }, ...ping(suspectEveryMs, 3)];
  }
  if (health.state === 'DRAIN' || health.asked === 'untrusted')
    return [...ping(everyMs, 2), check(rising ? risingEveryMs : checkEveryMs / 2)];
  if (health.asked !== 'ok' && input.heldSession) return [...ping(everyMs, 2), fresh(everyMs, 1)];
  if (input.heldSession) return [...ping(everyMs, 2), check(checkEveryMs)];
  return [fresh(everyMs, 2), ...connectBeside(everyMs, input)];
}

/** A question that is not answered for so long: is the host there at all? */
function connectBeside(everyMs: number, { pace, underWay }: NextLookInput): readonly Lane[] {
  if (underWay === undefined || underWay.looks.fresh.open === 0) return [];
  return [{ kind: 'connect', everyMs, most: 2, notBeforeMs: underWay.looks.fresh.lastBegunMs + pace.timeoutMs }];
}

/** undefined: as many are open as may be. */
function dueInMs({ kind, everyMs, most, notBeforeMs }: Lane, { pace, sinceCheckMs, random, underWay }: NextLookInput): number | undefined {
  const pauseMs = everyMs * (1 + pace.jitter * (2 * random() - 1));
  if (underWay === undefined) return kind === 'check' ? Math.max(0, pauseMs - sinceCheckMs) : pauseMs;
  const { open, lastBegunMs } = underWay.looks[kind];
  if (open >= most) return undefined;
  const agoMs = kind === 'check' ? sinceCheckMs : underWay.nowMs - lastBegunMs;
  return Math.max(0, pauseMs - agoMs, (notBeforeMs ?? underWay.nowMs) - underWay.nowMs);
}

function stretched({ pace, heldSession, backends, unwell = 1 }: NextLookInput) {
  const eachMs = 1000 / looksPerSecondMost;
  const everyMs = Math.max(pace.everyMs, backends * eachMs * (heldSession ? 1 : freshWeight));
  return {
    everyMs,
    checkEveryMs: pace.checkEveryMs * Math.max(1, everyMs / Math.max(1, pace.everyMs)),
    // Three looks side by side, and not for long.
    suspectEveryMs: Math.max(pace.suspectEveryMs, 2 * unwell * eachMs),
    risingEveryMs: Math.max(pace.suspectEveryMs, unwell * eachMs),
    downEveryMs: Math.max(unwell >= backends ? pace.everyMs / 2 : pace.everyMs, backends * eachMs),
  };
}
