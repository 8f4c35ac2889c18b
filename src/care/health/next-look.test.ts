import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPace as pace, defaultHealth as policy } from '../settings.ts';
import type { BackendHealth } from './backend-health.ts';
import type { LookKind, LookResult } from './look.ts';
import { type LooksUnderWay, lookBegun, lookEnded, noLooks } from './looks-under-way.ts';
import { type NextLookInput, nextLook } from './next-look.ts';
import { newHealth, observe } from './observe.ts';

function seen(...looks: readonly (readonly [LookKind, LookResult])[]): BackendHealth {
  return looks.reduce((health, [kind, result], index) => {
    const startedMs = index * 10 + 1;
    return observe(health, { kind, result, startedMs, endedMs: startedMs + 1, ownDelayMs: 0, detail: '' }, policy, pace);
  }, newHealth(0));
}
function ask(health: BackendHealth, more: Partial<NextLookInput> & { readonly looks?: LooksUnderWay; readonly nowMs?: number } = {}) {
  const { looks = noLooks, nowMs = 10_000, ...input } = more;
  return nextLook(health, {
    pace,
    heldSession: true,
    sinceCheckMs: 100,
    backends: 3,
    random: () => 0.5,
    underWay: { looks, nowMs },
    ...input,
  });
}
const begun = (...kinds: readonly [LookKind, number][]): LooksUnderWay =>
  kinds.reduce((looks, [kind, at]) => lookBegun(looks, kind, at), noLooks);
const well = seen(['fresh', 'ok']);

describe('nextLook', () => {
  it('PINGs a backend that is well every everyMs, counted from where the last PING began, and asks it every checkEveryMs', () => {
    expect(ask(well, { looks: lookEnded(begun(['ping', 9_900]), 'ping') })).toEqual({ kind: 'ping', afterMs: 100 });
    expect(ask(well, { looks: begun(['ping', 9_990]), sinceCheckMs: 950 })).toEqual({ kind: 'check', afterMs: 50 });
  });

  it('varies each pause by the jitter, up and down', () => {
    const looks = begun(['ping', 10_000]);
    expect(ask(well, { looks, random: () => 0 }).afterMs).toBeCloseTo(180);
    expect(ask(well, { looks, random: () => 0.999 }).afterMs).toBeCloseTo(220, 0);
  });

  it('asks at once what was never looked at', () => {
    expect(ask(newHealth(0), { heldSession: false, sinceCheckMs: Number.POSITIVE_INFINITY })).toEqual({ kind: 'fresh', afterMs: 0 });
  });

  it('knocks beside a question that is not answered within timeoutMs, where there is no session to PING', () => {
    const looks = begun(['fresh', 9_900]);
    expect(ask(well, { looks, heldSession: false })).toEqual({ kind: 'connect', afterMs: 50 });
  });

  it('looks at a silent backend by a fresh question and by connects suspectEveryMs apart, not more than three at once', () => {
    const silent = seen(['fresh', 'ok'], ['ping', 'missed']);
    expect(ask(silent, { heldSession: false })).toEqual({ kind: 'fresh', afterMs: 0 });
    expect(ask(silent, { heldSession: false, looks: begun(['fresh', 10_000]) })).toEqual({ kind: 'connect', afterMs: 0 });
    expect(ask(silent, { heldSession: false, looks: begun(['fresh', 10_000], ['connect', 10_000]) })).toEqual({
      kind: 'connect',
      afterMs: 50,
    });
    const full = begun(['fresh', 10_000], ['connect', 9_900], ['connect', 9_950], ['connect', 10_000]);
    expect(ask(silent, { heldSession: false, looks: full }).kind).toBe('fresh');
    expect(ask(silent, { heldSession: false, looks: full }).afterMs).toBeGreaterThanOrEqual(150);
  });

  it('asks a silent backend the one question that tells everything where looks wait for each other', () => {
    const silent = seen(['fresh', 'ok'], ['ping', 'missed']);
    expect(nextLook(silent, { pace, heldSession: true, sinceCheckMs: 0, backends: 3, random: () => 0.5 })).toEqual({
      kind: 'fresh',
      afterMs: 50,
    });
  });

  it('notices the return of one that is DOWN within everyMs, sooner when nobody is UP, and soonest when it begins to rise', () => {
    const down = seen(['fresh', 'ok'], ['connect', 'refused']);
    const looks = lookEnded(begun(['fresh', 10_000]), 'fresh');
    expect(ask(down, { heldSession: false, looks })).toEqual({ kind: 'fresh', afterMs: 200 });
    expect(ask(down, { heldSession: false, looks, unwell: 3 })).toEqual({ kind: 'fresh', afterMs: 100 });
    const rising = seen(['fresh', 'ok'], ['connect', 'refused'], ['fresh', 'ok']);
    expect(ask(rising, { heldSession: false, looks })).toEqual({ kind: 'fresh', afterMs: 50 });
  });

  it.each([
    [3, true],
    [50, true],
    [200, true],
    [2000, true],
    [200, false],
  ])('costs a daemon with %i backends (session: %s) at most some 500 looks a second when all are well', (backends, heldSession) => {
    let [looks, nowMs, count, checkMs] = [noLooks, 10_000, 0, 10_000];
    while (nowMs < 110_000) {
      const next = ask(well, { looks, nowMs, backends, heldSession, sinceCheckMs: nowMs - checkMs });
      nowMs += Math.max(next.afterMs, 0.01);
      looks = lookEnded(lookBegun(looks, next.kind, nowMs), next.kind);
      if (next.kind === 'check') checkMs = nowMs;
      count += 1;
    }
    expect((count / 100) * backends).toBeLessThanOrEqual(500);
    expect(count).toBeGreaterThan(0);
  });

  it('for any health and any looks under way: a finite pause that is not negative, and a session only where one is held', () => {
    const kind = fc.constantFrom<LookKind>('ping', 'check', 'connect', 'fresh');
    const result = fc.constantFrom<LookResult>('ok', 'draining', 'missed', 'refused', 'closed', 'unreachable', 'untrusted');
    const open = fc.array(fc.tuple(kind, fc.integer({ min: 0, max: 20_000 })), { maxLength: 8 });
    const input = fc.record({
      heldSession: fc.boolean(),
      sinceCheckMs: fc.oneof(fc.integer({ min: 0, max: 1e9 }), fc.constant(Number.POSITIVE_INFINITY)),
      backends: fc.integer({ min: 1, max: 5000 }),
      unwell: fc.integer({ min: 1, max: 5000 }),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(kind, result), { maxLength: 10 }), open, input, fc.boolean(), (looks, opened, more, overlap) => {
        const underWay = { looks: begun(...opened), nowMs: 10_000 };
        const bare = { pace, random: () => 0.5, ...more };
        const next = nextLook(seen(...looks), overlap ? { ...bare, underWay } : bare);
        expect(Number.isFinite(next.afterMs) && next.afterMs >= 0).toBe(true);
        if (!more.heldSession) expect(['connect', 'fresh']).toContain(next.kind);
      }),
    );
  });
});
