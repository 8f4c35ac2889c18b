/** What one look adds to the counters of a backend; what becomes of its state is judged elsewhere. */

import type { BackendHealth } from './backend-health.ts';
import type { Look } from './look.ts';

/** The counters after this look, which must not be void; state, since and why are still the old ones. */
export function learnLook(health: BackendHealth, look: Look): BackendHealth {
  const { kind, result, startedMs } = look;
  const whole = kind === 'check' || kind === 'fresh';
  const aliveSince = startedMs < health.aliveBegunMs;
  const bad = { ...health, rises: 0, ...(whole && result !== 'refused' ? { asked: 'unanswered' as const } : {}) };
  switch (result) {
    case 'ok':
      return kind === 'connect' ? accepted(health, startedMs) : answered(health, look, 'ok');
    case 'draining':
    case 'untrusted':
      return { ...answered(health, look, result), rises: 0, mustRise: health.mustRise || result === 'draining' };
    case 'missed':
      if (kind === 'connect') return { ...bad, accepts: false, misses: health.misses + 1, failedConnects: health.failedConnects + 1 };
      if (aliveSince) return bad;
      return { ...bad, misses: health.misses + 1, freshMisses: health.freshMisses + (kind === 'fresh' ? 1 : 0) };
    case 'closed':
      return { ...bad, misses: health.misses + 1, failedConnects: health.failedConnects + (kind === 'ping' || kind === 'check' ? 0 : 1) };
    case 'unreachable':
      return { ...bad, accepts: false, misses: health.misses + 1, failedConnects: health.failedConnects + 1 };
    case 'refused':
      return { ...bad, accepts: false, asked: 'unanswered', misses: health.misses + 1 };
  }
}

function answered(health: BackendHealth, { kind, startedMs }: Look, answer: 'ok' | 'draining' | 'untrusted'): BackendHealth {
  const whole = kind === 'check' || kind === 'fresh' || answer !== 'ok';
  const asked = whole ? answer : health.asked;
  return {
    ...accepted(health, startedMs),
    unheard: health.unheard && !whole,
    misses: 0,
    failedConnects: 0,
    freshMisses: 0,
    asked,
    aliveBegunMs: Math.max(health.aliveBegunMs, startedMs),
    goodBegunMs: whole && answer === 'ok' ? Math.max(health.goodBegunMs, startedMs) : health.goodBegunMs,
    rises: asked === 'ok' ? health.rises + 1 : 0,
  };
}

function accepted(health: BackendHealth, startedMs: number): BackendHealth {
  return {
    ...health,
    misses: health.misses - health.failedConnects,
    failedConnects: 0,
    accepts: true,
    acceptedBegunMs: Math.max(health.acceptedBegunMs, startedMs),
    rises: health.asked === 'ok' ? health.rises + 1 : 0,
  };
}
