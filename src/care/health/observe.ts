/**
 * What a look makes of what is known of a backend: states UP, SUSPECT, DRAIN, DOWN.
 *
 * A backend is silent while misses > 0: since the process last answered anything (a PING, a question; an accepted connect is the
 * kernel's word and not the process's), something went unanswered.
 *
 * look                                  what it makes
 * ok (ping, check, fresh)               not silent any more; a good whole answer (check, fresh) also: asked = ok
 * ok (connect)                          the host is there: failed connects are forgotten, other misses are not
 * draining                              DRAIN at once, from any state; not silent
 * untrusted                             SUSPECT at once, from any state; not silent
 * missed (ping), closed (held session)  a miss
 * missed (check)                        a miss, and asked = unanswered; only the latter if PINGs were answered meanwhile
 * missed (fresh)                        the same, a fresh miss: a whole timeout of silence, it weighs fall - 1 misses
 * missed (connect), unreachable, closed (fresh)  a miss and a failed connect
 * refused                               DOWN at once
 *
 * state    becomes   when
 * any      DOWN      refused; or `fall` failed connects in a row; or the misses weigh `fall`, a fresh miss among them. At least 2 misses.
 *                    So never on the word of one connection: each connect is one of its own, and a fresh miss alone weighs too little.
 *                    Black hole: 1 PING and 3 connects. Frozen: 1 PING and 1 fresh miss, or 2 fresh misses; and where it was slow
 *                    before, 2 s to 8 s of silence (patience.ts).
 * UP       SUSPECT   a miss; or a whole question unanswered
 * SUSPECT  UP        not silent, and the last whole question was answered well (and risen, if it was DOWN or DRAIN before)
 * DRAIN    UP        risen: `rise` good looks in a row, the first of them a good whole answer
 * DOWN     UP        risen; while it is held down: SUSPECT instead
 * Unheard (new): SUSPECT; the first good whole answer is enough, also after DOWN.
 *
 * Changes nothing: silence while this process stood still itself, and silence or bad news older than a later-begun good look.
 */

import type { HealthPolicy, Pace } from '../settings.ts';
import type { BackendHealth, BackendState } from './backend-health.ts';
import { holdAfterDown } from './hold-down.ts';
import { learnLook } from './learn-look.ts';
import type { Look } from './look.ts';
import { learnPatience, patienceOf } from './patience.ts';
import { troubleOf, whyOf } from './state-reason.ts';

export type ObservePace = Pick<Pace, 'ownStallMs' | 'timeoutMs' | 'checkTimeoutMs'>;

/** A backend that was never looked at. */
export function newHealth(nowMs: number): BackendHealth {
  return {
    state: 'SUSPECT',
    sinceMs: nowMs,
    why: 'not looked at yet',
    unheard: true,
    trouble: 'none',
    misses: 0,
    failedConnects: 0,
    accepts: false,
    freshMisses: 0,
    asked: 'never',
    mustRise: false,
    aliveBegunMs: Number.NEGATIVE_INFINITY,
    goodBegunMs: Number.NEGATIVE_INFINITY,
    acceptedBegunMs: Number.NEGATIVE_INFINITY,
    rises: 0,
    downsMs: [],
    heldUntilMs: Number.NEGATIVE_INFINITY,
    holdMs: 0,
    fellSilent: false,
    patienceMs: 0,
    patientUntilMs: Number.NEGATIVE_INFINITY,
  };
}

/** Returns the very same value where the look changes nothing. Times may repeat and jump; sinceMs never goes back. */
export function observe(health: BackendHealth, look: Look, policy: HealthPolicy, pace: ObservePace): BackendHealth {
  if (isVoid(health, look, pace)) return health;
  const nowMs = Math.max(look.endedMs, health.sinceMs);
  const facts = learnLook(health, look);
  const state = nextState(health.state, facts, { look, policy, nowMs });
  const risen = state === 'UP' ? { mustRise: false } : {};
  const next: BackendHealth = { ...facts, ...risen, state, trouble: troubleOf(state, facts) };
  if (state === health.state) return next.trouble === health.trouble ? next : { ...next, why: whyOf(state, next, look, nowMs) };
  if (state === 'DOWN') {
    const fallen = downFacts(health, next, { look, policy, nowMs });
    return { ...next, ...fallen, sinceMs: nowMs, why: whyOf(state, next, look, nowMs) };
  }
  const learned = health.state === 'DOWN' ? learnPatience(health, nowMs) : undefined;
  const slow = learned === undefined ? '' : `; it was only slow: the next time it may be silent for ${learned.patienceMs / 1000} s`;
  return { ...next, ...learned, sinceMs: nowMs, why: `${whyOf(state, next, look, nowMs)}${slow}` };
}

interface Circumstances {
  readonly look: Look;
  readonly policy: HealthPolicy;
  readonly nowMs: number;
}

function isVoid(health: BackendHealth, { kind, result, startedMs, endedMs, ownDelayMs }: Look, pace: ObservePace): boolean {
  if (result === 'ok') return false;
  const whole = kind === 'check' || kind === 'fresh';
  const patienceMs = pace.timeoutMs + (whole ? 2 * pace.checkTimeoutMs : 0);
  // A clock that jumped while it was waited for counts as standing still.
  if (result === 'missed' && Math.max(ownDelayMs, endedMs - startedMs - patienceMs) > pace.ownStallMs) return true;
  if (result === 'draining' || result === 'untrusted' || (result === 'missed' && whole)) return startedMs < health.goodBegunMs;
  return startedMs < (kind === 'connect' ? Math.max(health.aliveBegunMs, health.acceptedBegunMs) : health.aliveBegunMs);
}

function nextState(state: BackendState, facts: BackendHealth, { look, policy, nowMs }: Circumstances): BackendState {
  if (look.result === 'refused' || hasFallen(facts, policy, nowMs)) return 'DOWN';
  if (look.result === 'draining') return 'DRAIN';
  if (look.result === 'untrusted') return 'SUSPECT';
  const well = facts.misses === 0 && facts.asked === 'ok';
  const risen = !facts.mustRise || facts.rises >= policy.rise;
  if (!well || !risen) return state === 'UP' ? 'SUSPECT' : state;
  return nowMs < facts.heldUntilMs ? 'SUSPECT' : 'UP';
}

function hasFallen(facts: BackendHealth, policy: HealthPolicy, nowMs: number): boolean {
  const { misses, failedConnects, freshMisses } = facts;
  const fall = Math.max(2, policy.fall);
  if (failedConnects >= fall) return true;
  if (freshMisses === 0 || misses - freshMisses + freshMisses * (fall - 1) < fall) return false;
  return failedConnects > 0 || nowMs - facts.aliveBegunMs >= patienceOf(facts, nowMs);
}

/** One that falls for silence is given more time, and not held down: where all are slow, those that are left would be slower. */
function downFacts(
  before: BackendHealth,
  { failedConnects }: BackendHealth,
  { look, policy, nowMs }: Circumstances,
): Partial<BackendHealth> {
  const fellSilent = look.result !== 'refused' && failedConnects === 0;
  const fallen = { asked: 'unanswered', rises: 0, fellSilent } as const;
  if (before.unheard) return fallen;
  return { ...fallen, mustRise: true, ...(fellSilent ? {} : holdAfterDown(before, nowMs, policy)) };
}
