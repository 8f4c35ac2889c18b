import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestGap } from './longest-gap.ts';
import type { ProbeEvent } from './probes/probe-event.ts';

function at(endedMs: number, ok = true): ProbeEvent {
  return { kind: 'probe', probe: 'p', from: 'here', startedMs: endedMs - 5, endedMs, ok };
}

describe('longestGap', () => {
  it('is the time between two consecutive successes, failures between them or not', () => {
    const events = [at(0), at(50), at(100, false), at(150, false), at(700), at(750)];
    expect(longestGap(events, { startMs: 0, endMs: 760 })).toEqual({ lengthMs: 650, lastSuccessMs: 50, firstSuccessMs: 700 });
  });

  it('goes by completion, not by start: a slow success ends the gap when it is answered', () => {
    const slow: ProbeEvent = { ...at(900), startedMs: 60 };
    expect(longestGap([at(50), slow], { startMs: 0, endMs: 900 }).lengthMs).toBe(850);
  });

  it('lasts to the end of the window when the client never recovered', () => {
    expect(longestGap([at(50), at(100, false)], { startMs: 0, endMs: 5000 })).toEqual({
      lengthMs: 4950,
      lastSuccessMs: 50,
      firstSuccessMs: undefined,
    });
  });

  it('is the whole window when nothing succeeded', () => {
    expect(longestGap([at(10, false)], { startMs: 0, endMs: 100 }).lengthMs).toBe(100);
    expect(longestGap([], { startMs: 0, endMs: 100 }).lengthMs).toBe(100);
  });

  it('leaves out what lies outside the window', () => {
    expect(longestGap([at(-500), at(40), at(5000)], { startMs: 0, endMs: 100 }).lengthMs).toBe(60);
  });

  it('does not depend on the order of events, and no interval longer than it is without a success', () => {
    const times = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 40 });
    fc.assert(
      fc.property(times, times, (good, bad) => {
        const events = [...good.map((ms) => at(ms)), ...bad.map((ms) => at(ms, false))];
        const window = { startMs: 0, endMs: 1000 };
        const { lengthMs } = longestGap(events, window);
        expect(longestGap(events.toReversed(), window).lengthMs).toBe(lengthMs);
        for (let from = 0; from + lengthMs + 1 <= 1000; from++) {
          expect(good.some((ms) => ms >= from && ms <= from + lengthMs + 1)).toBe(true);
        }
      }),
    );
  });
});
