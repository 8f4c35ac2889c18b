/** A machine's moment on the operator's clock, from one order's times. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { effectMs } from './effect-time.ts';

const ns = (ms: number) => BigInt(Math.round(ms * 1e6));

test('effectMs: whatever the machine’s clock is, its error is less than what is not known of the way', () => {
  const times = fc.record({
    offsetMs: fc.integer({ min: -1e12, max: 1e12 }),
    before: fc.integer({ min: 1, max: 200 }),
    toEffect: fc.integer({ min: 0, max: 500 }),
    toEnd: fc.integer({ min: 0, max: 500 }),
    back: fc.integer({ min: 1, max: 200 }),
  });
  fc.assert(
    fc.property(times, ({ offsetMs, before, toEffect, toEnd, back }) => {
      const sentMs = 1000;
      const begin = sentMs + before;
      const effect = begin + toEffect;
      const end = effect + toEnd;
      const receivedMs = end + back;
      const at = (ms: number) => ns(ms) + ns(offsetMs) + 2_000_000_000_000_000_000n;
      const stdout = `begin ${at(begin)}\neffect ${at(effect)}\nsomething else\nend ${at(end)}\n`;
      const guess = effectMs({ sentMs, receivedMs, stdout }, 'effect');
      expect(Math.abs(guess - effect)).toBeLessThanOrEqual(before + back);
      expect(guess).toBeGreaterThanOrEqual(sentMs);
    }),
  );
});

test('effectMs: a clock that was moved meanwhile, or a machine that tells nothing: shortly before the answer', () => {
  const told = { sentMs: 100, receivedMs: 160 };
  for (const stdout of ['', `begin ${ns(1e9)}\neffect ${ns(1e9)}\nend ${ns(1e9 + 120_000)}\n`, `begin ${ns(1e9)}\nend ${ns(1e9 - 5)}\n`]) {
    expect(effectMs({ ...told, stdout }, 'effect')).toBeCloseTo(150);
  }
});

test('effectMs: what the machine healed by itself was long before it was asked', () => {
  const stdout = `begin ${ns(1e9)}\nhealed ${ns(1e9 - 30_000)}\nnow ${ns(1e9 + 10)}\n`;
  expect(effectMs({ sentMs: 50_000, receivedMs: 50_022, stdout }, 'healed')).toBeCloseTo(20_010);
});
