import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driftLimit, type Exchange, machineClock, momentOf } from './machine-clock.ts';

/** Milliseconds of doubles that count hours: what rounding may add. */
const rounding = 1e-5;

/** A machine's clock: ahead by `skewMs`, and from minute to minute faster or slower. `rates`: parts per million. */
function machineAhead(skewMs: number, rates: readonly number[]): (trueMs: number) => number {
  return (trueMs) => {
    let shown = trueMs + skewMs;
    rates.forEach((rate, minute) => {
      shown += (Math.min(Math.max(trueMs - minute * 60_000, 0), 60_000) * rate) / 1e6;
    });
    return shown;
  };
}

const skew = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const rates = fc.array(fc.double({ min: -200, max: 200, noNaN: true }), { minLength: 10, maxLength: 10 });
/** When it was asked, how long the question took, how long the answer. */
const asked = fc.tuple(
  fc.double({ min: 0, max: 600_000, noNaN: true }),
  fc.double({ min: 0, max: 400, noNaN: true }),
  fc.double({ min: 0, max: 400, noNaN: true }),
);

describe('machineClock', () => {
  it('at: the true time is within errorMs, whatever the skew, the drift up to 200 ppm, and the delays of either direction', () => {
    fc.assert(
      fc.property(
        skew,
        rates,
        fc.array(asked, { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 600_000, noNaN: true }),
        (ahead, drift, all, eventMs) => {
          const shown = machineAhead(ahead, drift);
          const clock = machineClock();
          const exchanges = all.map(
            ([sentMs, out, back]): Exchange => ({ sentMs, machineMs: shown(sentMs + out), receivedMs: sentMs + out + back }),
          );
          for (const exchange of exchanges.toSorted((a, b) => a.machineMs - b.machineMs)) clock.add(exchange);
          const moment = clock.at(shown(eventMs));
          expect(Math.abs((moment?.ms ?? Number.NaN) - eventMs)).toBeLessThanOrEqual((moment?.errorMs ?? 0) + rounding);
        },
      ),
    );
  });

  it('at: asked twice a second over 9 ms and back at once, with 200 ppm, events are good to 5 ms', () => {
    fc.assert(
      fc.property(skew, rates, fc.double({ min: 1000, max: 599_000, noNaN: true }), (ahead, drift, eventMs) => {
        const shown = machineAhead(ahead, drift);
        const clock = machineClock();
        for (let sentMs = 0; sentMs < 600_000; sentMs += 500) clock.add({ sentMs, machineMs: shown(sentMs + 9), receivedMs: sentMs + 9 });
        const moment = clock.at(shown(eventMs));
        expect(moment?.errorMs).toBeLessThanOrEqual(5);
        expect(Math.abs((moment?.ms ?? 0) - eventMs)).toBeLessThanOrEqual((moment?.errorMs ?? 0) + rounding);
      }),
      { numRuns: 30 },
    );
  });

  it('at: nothing is known before the first exchange', () => {
    expect(machineClock().at(5)).toBeUndefined();
  });
});

describe('momentOf', () => {
  it('half the round trip, and drift since then', () => {
    const one = { sentMs: 100, machineMs: 5000, receivedMs: 104 };
    expect(momentOf([one], 5000)).toEqual({ ms: 102, errorMs: 2 });
    expect(momentOf([one], 15_000)?.errorMs).toBeCloseTo(2 + 10_000 * driftLimit, 2);
  });

  it('a later exchange makes an earlier time more exact', () => {
    const before = { sentMs: 0, machineMs: 0, receivedMs: 20 };
    const after = { sentMs: 1000, machineMs: 1000.5, receivedMs: 1001 };
    expect(momentOf([before, after], 500)?.errorMs).toBeLessThan(momentOf([before], 500)?.errorMs ?? 0);
  });

  it('a clock that stood still: the nearest exchange counts, and the contradiction is part of the error', () => {
    const before = { sentMs: 0, machineMs: 1000, receivedMs: 2 };
    const after = { sentMs: 10_000, machineMs: 2000, receivedMs: 10_002 };
    const moment = momentOf([before, after], 1990);
    expect(moment?.ms).toBeCloseTo(9991, 0);
    expect(moment?.errorMs).toBeGreaterThan(8000);
  });
});
