import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthPolicy } from '../settings.ts';
import type { BackendHealth, BackendState } from './backend-health.ts';
import type { Look, LookKind, LookResult } from './look.ts';
import { newHealth, type ObservePace, observe } from './observe.ts';

const policy: HealthPolicy = { fall: 3, rise: 3, flapCount: 3, flapWindowMs: 60_000, holdDownMs: 5000, holdDownMostMs: 60_000 };
const pace: ObservePace = { ownStallMs: 100, timeoutMs: 150, checkTimeoutMs: 1000 };

function look(kind: LookKind, result: LookResult, startedMs: number, endedMs = startedMs + 1, ownDelayMs = 0): Look {
  return { kind, result, startedMs, endedMs, ownDelayMs, detail: `${result} to ${kind}` };
}

/** `ping missed`, a look each 10 ms; `*` before it: this process stood still meanwhile. Returns the state after each. */
function walk(words: readonly string[], start = newHealth(0)): { states: BackendState[]; health: BackendHealth } {
  let health = start;
  const states = words.map((word, index) => {
    const [kind, result] = word.replace('*', '').split(' ');
    const startedMs = start.sinceMs + 10 * (index + 1);
    health = observe(health, look(kindOf(kind), resultOf(result), startedMs, startedMs + 1, word.startsWith('*') ? 300 : 0), policy, pace);
    return health.state;
  });
  return { states, health };
}
const kinds: readonly LookKind[] = ['ping', 'check', 'connect', 'fresh'];
const results: readonly LookResult[] = ['ok', 'draining', 'missed', 'refused', 'closed', 'unreachable', 'untrusted'];
const kindOf = (word: string | undefined): LookKind => kinds.find((kind) => kind === word) ?? 'ping';
const resultOf = (word: string | undefined): LookResult => results.find((result) => result === word) ?? 'ok';
const up = walk(['fresh ok']).health;

describe('observe, from UP', () => {
  it.each<[string, readonly string[], readonly BackendState[]]>([
    ['stays UP while it answers', ['ping ok', 'check ok', 'connect ok'], ['UP', 'UP', 'UP']],
    ['is SUSPECT at a missed PING and UP at the next answered one', ['ping missed', 'ping ok'], ['SUSPECT', 'UP']],
    ['is not well again because the kernel accepts', ['ping missed', 'connect ok', 'connect ok'], ['SUSPECT', 'SUSPECT', 'SUSPECT']],
    ['is DOWN at once when refused', ['connect refused'], ['DOWN']],
    ['asks before it judges a closed session', ['ping closed', 'fresh ok'], ['SUSPECT', 'UP']],
    ['is DOWN when nobody listens any more', ['ping closed', 'connect refused'], ['SUSPECT', 'DOWN']],
    [
      'black hole: DOWN at the third failed connect',
      ['ping missed', 'connect missed', 'connect missed', 'ping missed', 'connect missed'],
      ['SUSPECT', 'SUSPECT', 'SUSPECT', 'SUSPECT', 'DOWN'],
    ],
    [
      'counts connects in a row only',
      ['connect missed', 'connect missed', 'connect ok', 'connect missed', 'connect missed'],
      ['SUSPECT', 'SUSPECT', 'UP', 'SUSPECT', 'SUSPECT'],
    ],
    [
      'no way to the host weighs as a failed connect',
      ['connect unreachable', 'fresh unreachable', 'connect missed'],
      ['SUSPECT', 'SUSPECT', 'DOWN'],
    ],
    ['frozen: DOWN at a PING and a fresh question missed', ['ping missed', 'connect ok', 'fresh missed'], ['SUSPECT', 'SUSPECT', 'DOWN']],
    [
      'frozen without a session: DOWN at the second question missed',
      ['fresh missed', 'connect ok', 'fresh missed'],
      ['SUSPECT', 'SUSPECT', 'DOWN'],
    ],
    ['never DOWN by one connection alone', Array.from({ length: 9 }, () => 'ping missed'), Array.from({ length: 9 }, () => 'SUSPECT')],
    [
      'DRAIN at once, and no PING ends that',
      ['check draining', 'ping ok', 'ping ok', 'ping ok', 'ping ok'],
      ['DRAIN', 'DRAIN', 'DRAIN', 'DRAIN', 'DRAIN'],
    ],
    [
      'DRAIN ends after 3 good looks from a whole answer on',
      ['check draining', 'check ok', 'ping ok', 'ping ok'],
      ['DRAIN', 'DRAIN', 'DRAIN', 'UP'],
    ],
    ['DRAIN that stops listening is DOWN', ['check draining', 'ping closed', 'connect refused'], ['DRAIN', 'DRAIN', 'DOWN']],
    ['untrusted is SUSPECT until it is trusted', ['fresh untrusted', 'ping ok', 'check ok'], ['SUSPECT', 'SUSPECT', 'UP']],
    ['a standstill of our own is nobody’s miss', ['*ping missed', '*connect missed', '*fresh missed'], ['UP', 'UP', 'UP']],
    ['what others said counts even after a standstill', ['*connect refused'], ['DOWN']],
    [
      'DOWN rises by 3, from a whole answer on',
      ['connect refused', 'connect ok', 'fresh ok', 'ping ok', 'ping ok'],
      ['DOWN', 'DOWN', 'DOWN', 'DOWN', 'UP'],
    ],
    [
      'DOWN begins anew at a miss',
      ['connect refused', 'fresh ok', 'fresh ok', 'ping missed', 'fresh ok', 'ping ok', 'ping ok'],
      ['DOWN', 'DOWN', 'DOWN', 'DOWN', 'DOWN', 'DOWN', 'UP'],
    ],
    [
      'DOWN that starts up is DRAIN first',
      ['connect refused', 'fresh draining', 'fresh ok', 'ping ok', 'ping ok'],
      ['DOWN', 'DRAIN', 'DRAIN', 'DRAIN', 'UP'],
    ],
  ])('%s', (_, words, states) => {
    expect(walk(words, up).states).toEqual(states);
  });

  it('does not ask for fall misses where a question hangs while PINGs are answered: SUSPECT, and nothing is cut', () => {
    let health = observe(up, look('ping', 'ok', 900), policy, pace);
    for (let at = 0; at < 20; at += 1) {
      health = observe(health, look('ping', 'ok', 1000 + at * 1000), policy, pace);
      health = observe(health, look('fresh', 'missed', 500 + at * 1000, 1500 + at * 1000), policy, pace);
    }
    expect(health).toMatchObject({ state: 'SUSPECT', trouble: 'soft', misses: 0 });
  });

  it('takes silence that is older than an answer for lost packets', () => {
    const heard = observe(up, look('fresh', 'ok', 500), policy, pace);
    expect(observe(heard, look('fresh', 'missed', 400, 1400), policy, pace)).toBe(heard);
    expect(observe(heard, look('ping', 'missed', 450, 600), policy, pace)).toBe(heard);
    expect(observe(heard, look('check', 'draining', 450, 600), policy, pace)).toBe(heard);
  });

  it('takes a clock that jumped while a look was open for a standstill', () => {
    expect(observe(up, look('ping', 'missed', 100, 3_600_000), policy, pace)).toBe(up);
    expect(observe(up, look('fresh', 'missed', 100, 3_600_000), policy, pace)).toBe(up);
  });
});

describe('observe, a backend that was never heard', () => {
  it.each<[string, readonly string[], readonly BackendState[]]>([
    ['is UP at its first whole answer', ['fresh ok'], ['UP']],
    ['also after it was DOWN', ['connect refused', 'connect refused', 'fresh ok'], ['DOWN', 'DOWN', 'UP']],
    ['is not UP by a PING or a connect', ['connect ok', 'ping ok'], ['SUSPECT', 'SUSPECT']],
    ['rises when the first it said was not ready', ['fresh draining', 'fresh ok', 'ping ok', 'ping ok'], ['DRAIN', 'DRAIN', 'DRAIN', 'UP']],
  ])('%s', (_, words, states) => {
    expect(walk(words).states).toEqual(states);
  });
});

describe('observe, flapping', () => {
  const rise = ['fresh ok', 'ping ok', 'ping ok'];
  const flap = (times: number, start: BackendHealth) =>
    walk(Array.from({ length: times }, () => ['connect refused', ...rise]).flat(), start);

  it('holds it down at the third DOWN within the window: it answers and is SUSPECT, not UP, before the hold is over', () => {
    const { states, health } = flap(3, up);
    expect(states.filter((state) => state === 'UP')).toHaveLength(2);
    expect(health).toMatchObject({ state: 'SUSPECT', trouble: 'none', holdMs: 5000 });
    expect(health.why).toMatch(/held down for 5 s after 3 times DOWN/);
    expect(observe(health, look('ping', 'ok', health.heldUntilMs - 10), policy, pace).state).toBe('SUSPECT');
    expect(observe(health, look('ping', 'ok', health.heldUntilMs), policy, pace).state).toBe('UP');
  });

  it('doubles the hold each time, to the most, and forgets it after a quiet window', () => {
    let health = flap(3, up).health;
    for (const holdMs of [10_000, 20_000, 40_000, 60_000, 60_000]) {
      health = observe(health, look('ping', 'ok', health.heldUntilMs), policy, pace);
      expect(health.state).toBe('UP');
      health = flap(1, health).health;
      expect(health).toMatchObject({ state: 'SUSPECT', holdMs });
    }
    health = observe(health, look('ping', 'ok', health.heldUntilMs), policy, pace);
    health = observe(health, look('connect', 'refused', health.heldUntilMs + 60_002), policy, pace);
    expect(health).toMatchObject({ state: 'DOWN', holdMs: 0 });
    expect(walk(rise, health).health.state).toBe('UP');
  });
});

describe('observe, slow and not frozen', () => {
  /** Silent from `fromMs` on: a PING, then fresh questions of a second each, until it is DOWN; gives how long that took. */
  const silence = (start: BackendHealth, fromMs: number) => {
    let health = observe(start, look('ping', 'ok', fromMs), policy, pace);
    health = observe(health, look('ping', 'missed', fromMs + 50, fromMs + 200), policy, pace);
    let atMs = fromMs + 200;
    while (health.state !== 'DOWN') {
      atMs += 1000;
      health = observe(health, look('fresh', 'missed', atMs - 1000, atMs), policy, pace);
    }
    return { health, tookMs: atMs - fromMs };
  };
  const back = (health: BackendHealth, afterMs: number) =>
    [0, 1, 2].reduce((one, nth) => observe(one, look('fresh', 'ok', health.sinceMs + afterMs + nth), policy, pace), health);

  it('answers again soon after it fell for silence: the next time it may be silent for 2, 4, 8 s, and it is not held down', () => {
    let [health, atMs] = [up, 1000];
    const took = [1, 2, 3, 4, 5].map(() => {
      const fallen = silence(health, atMs);
      health = back(fallen.health, 3000);
      expect(health).toMatchObject({ state: 'UP', holdMs: 0 });
      atMs = health.sinceMs + 5000;
      return fallen.tookMs;
    });
    expect(took).toEqual([1200, 2200, 4200, 8200, 8200]);
    expect(health.why).toMatch(/it was only slow: the next time it may be silent for 8 s/);
  });

  it('nothing is learned where it was silent for longer, or refused; and all is forgotten after ten quiet minutes', () => {
    expect(back(silence(up, 1000).health, 5001)).toMatchObject({ state: 'UP', patienceMs: 0 });
    const refused = observe(up, look('connect', 'refused', 1000), policy, pace);
    expect(back(refused, 3000)).toMatchObject({ state: 'UP', patienceMs: 0 });
    const slow = back(silence(up, 1000).health, 3000);
    expect(silence(slow, slow.sinceMs + 590_000).tookMs).toBe(2200);
    expect(silence(slow, slow.sinceMs + 600_000).tookMs).toBe(1200);
  });

  it('one that takes no connections is DOWN as soon as ever', () => {
    const slow = back(silence(up, 1000).health, 3000);
    const words = ['ping missed', 'connect missed', 'connect missed', 'connect missed'];
    expect(walk(words, slow).states).toEqual(['SUSPECT', 'SUSPECT', 'SUSPECT', 'DOWN']);
  });
});

describe('observe, for any sequence of looks', () => {
  const anyLook = fc.record({
    kind: fc.constantFrom(...kinds),
    result: fc.constantFrom(...results),
    // Mostly small steps; now and then the same time again, or a machine that slept for hours.
    stepMs: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 400 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 1e8 }) },
    ),
    lastedMs: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 1150 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 1e8 }) },
    ),
    ownDelayMs: fc.constantFrom(0, 0, 0, 0, 100, 101, 3000),
  });
  const anyPolicy = fc.record({
    fall: fc.integer({ min: 1, max: 6 }),
    rise: fc.integer({ min: 1, max: 6 }),
    flapCount: fc.integer({ min: 2, max: 4 }),
    flapWindowMs: fc.constant(60_000),
    holdDownMs: fc.constant(5000),
    holdDownMostMs: fc.constant(60_000),
  });
  type Step = { readonly before: BackendHealth; readonly look: Look; readonly after: BackendHealth };
  const steps = (
    recipe: readonly { kind: LookKind; result: LookResult; stepMs: number; lastedMs: number; ownDelayMs: number }[],
    by: HealthPolicy,
  ) => {
    let [health, endedMs] = [newHealth(0), 0];
    return recipe.map(({ kind, result, stepMs, lastedMs, ownDelayMs }): Step => {
      endedMs += stepMs;
      const before = health;
      const seen = look(kind, result, Math.max(0, endedMs - lastedMs), endedMs, ownDelayMs);
      health = observe(before, seen, by, pace);
      return { before, look: seen, after: health };
    });
  };
  const always = (holds: (step: Step, index: number, all: readonly Step[], by: HealthPolicy) => void): void => {
    fc.assert(
      fc.property(fc.array(anyLook, { minLength: 1, maxLength: 60 }), anyPolicy, (recipe, by) => {
        const all = steps(recipe, by);
        all.forEach((step, index) => {
          holds(step, index, all, by);
        });
      }),
      { numRuns: 500 },
    );
  };

  it('goes DOWN only by a refusal or by two misses on two connections since it last answered', () => {
    always(({ before, look: last, after }, index, all) => {
      if (before.state === 'DOWN' || after.state !== 'DOWN' || last.result === 'refused') return;
      const answeredAt = all.slice(0, index).findLastIndex(({ before: was, look: { kind, result }, after: is }) => {
        if (was === is) return false;
        return result === 'draining' || result === 'untrusted' || (result === 'ok' && kind !== 'connect');
      });
      const misses = all.slice(answeredAt + 1, index + 1).filter(({ before: was, after: is }) => was !== is && is.misses > was.misses);
      expect(misses.length).toBeGreaterThanOrEqual(2);
      // All PINGs and checks are one connection; every connect and every fresh is one of its own.
      const own = misses.filter(({ look: { kind } }) => kind === 'connect' || kind === 'fresh' || last.result === 'unreachable');
      expect(own.length).toBeGreaterThanOrEqual(1);
    });
  });

  it('never goes DOWN by silence that fell into a standstill or a jump of the clock', () => {
    always(({ before, look: { result, ownDelayMs, startedMs, endedMs }, after }) => {
      if (result === 'missed' && (ownDelayMs > 100 || endedMs - startedMs > 2250)) expect(after).toBe(before);
    });
  });

  it('never goes DOWN while one of any fall - 1 looks in a row is answered, unless it is refused (a fresh miss weighs fall - 1)', () => {
    const quiet = fc.array(
      fc.record({ kind: fc.constantFrom(...kinds), result: fc.constantFrom(...results.filter((one) => one !== 'refused')) }),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(quiet, fc.integer({ min: 2, max: 6 }), (recipe, fall) => {
        let [health, sinceGood] = [up, 0];
        recipe.forEach(({ kind, result }, index) => {
          const good = sinceGood >= fall - 2 || (fall > 3 && kind === 'fresh' && result === 'missed');
          sinceGood = good ? 0 : sinceGood + 1;
          const at = 1000 * (index + 1);
          health = observe(health, good ? look('fresh', 'ok', at) : look(kind, result, at), { ...policy, fall }, pace);
          expect(health.state).not.toBe('DOWN');
        });
      }),
    );
  });

  it('is not UP before a hold is over, and after DOWN or DRAIN only by `rise` good looks with a whole answer among them', () => {
    always(({ before, look: { endedMs }, after }, index, all, by) => {
      if (after.state !== 'UP' || before.state === 'UP') return;
      expect(Math.max(endedMs, before.sinceMs)).toBeGreaterThanOrEqual(after.heldUntilMs);
      if (!before.mustRise) return;
      const counted = all.slice(0, index + 1).filter((step) => step.before !== step.after);
      const row = counted.slice(counted.length - by.rise);
      expect(row.every(({ look: { result } }) => result === 'ok')).toBe(true);
      expect(after.rises).toBeGreaterThanOrEqual(by.rise);
      expect(after.asked).toBe('ok');
    });
  });

  it('keeps its numbers sound: time never goes back, nothing grows for ever, trouble fits the state', () => {
    always(({ before, after }) => {
      expect(after.sinceMs).toBeGreaterThanOrEqual(before.sinceMs);
      if (after.state === before.state) expect(after.sinceMs).toBe(before.sinceMs);
      expect(after.downsMs.length).toBeLessThanOrEqual(100);
      expect(after.misses).toBeGreaterThanOrEqual(after.failedConnects + after.freshMisses);
      expect(after.failedConnects).toBeGreaterThanOrEqual(0);
      expect(after.trouble === 'none').toBe(
        after.state === 'UP' || (after.state === 'SUSPECT' && after.misses === 0 && ['ok', 'never'].includes(after.asked)),
      );
      if (after.state === 'UP') expect(after).toMatchObject({ misses: 0, asked: 'ok', mustRise: false, unheard: false });
    });
  });

  it('is a function: the same looks make the same health, and an UP backend needs no more than a fresh answer to be made', () => {
    fc.assert(
      fc.property(fc.array(anyLook, { maxLength: 60 }), anyPolicy, (recipe, by) => {
        expect(steps(recipe, by)).toEqual(steps(recipe, by));
      }),
    );
    expect(up.state).toBe('UP');
  });
});
