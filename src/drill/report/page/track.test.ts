import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, failed, runsOf, served, spansOf } from './columns.ts';
import { decodeTrack, encodeTrack, firstFrom, type TrackAttempt, trackFrom } from './track.ts';

/** Every 50 ms from 0 to 10 s; failed from 2 s to 3 s. */
const attempts: readonly TrackAttempt[] = Array.from({ length: 200 }, (_, index) => ({
  at: index * 50,
  lasted: 7,
  failed: index >= 40 && index < 60 ? 1 : 0,
}));

describe('encodeTrack', () => {
  it('gives what decodeTrack makes the same track of', () => {
    const attempt = fc.record({ at: fc.integer({ min: -1000, max: 4_000_000 }), lasted: fc.nat(70_000), failed: fc.nat(1000) });
    fc.assert(
      fc.property(fc.array(attempt), (some) => {
        const sorted = some.toSorted((a, b) => a.at - b.at);
        expect(decodeTrack(encodeTrack(sorted))).toEqual(trackFrom(sorted));
      }),
    );
  });

  it('needs less than three bytes for an attempt at the usual pace', () => {
    const many = Array.from({ length: 12_000 }, (_, index) => ({ at: index * 50, lasted: 7, failed: 0 }));
    expect(encodeTrack(many).length / 12_000).toBeLessThan(3);
  });
});

describe('decodeTrack', () => {
  it('tells the usual pace', () => {
    expect(decodeTrack(encodeTrack(attempts)).paceMs).toBe(50);
  });
});

describe('firstFrom', () => {
  it('finds the first attempt at a moment or after it', () => {
    const track = trackFrom(attempts);
    expect([-1, 0, 1, 50, 9950, 9951].map((ms) => firstFrom(track, ms))).toEqual([0, 0, 1, 1, 199, 200]);
  });
});

describe('columnsOf', () => {
  const view = { fromMs: 0, toMs: 10_000 };

  it('says in each column who was served, in runs without holes at the usual pace', () => {
    expect(runsOf(columnsOf(trackFrom(attempts), view, 100))).toEqual([
      { from: 0, to: 20, bits: served },
      { from: 20, to: 30, bits: failed },
      { from: 30, to: 100, bits: served },
    ]);
  });

  it('says both where both are in one column', () => {
    expect([...columnsOf(trackFrom(attempts), view, 4)]).toEqual([served | failed, served | failed, served, served]);
  });

  it('leaves a hole where a client is silent', () => {
    const silent = attempts.filter(({ at }) => at < 4000 || at >= 6000);
    expect(runsOf(columnsOf(trackFrom(silent), view, 100)).map(({ from, to }) => [from, to])).toEqual([
      [0, 20],
      [20, 30],
      [30, 40],
      [60, 100],
    ]);
  });

  it('shows the same when looking closer', () => {
    const runs = runsOf(columnsOf(trackFrom(attempts), { fromMs: 1900, toMs: 2100 }, 200));
    expect(runs).toEqual([
      { from: 0, to: 100, bits: served },
      { from: 100, to: 200, bits: failed },
    ]);
  });
});

describe('spansOf', () => {
  it('gives each entry its own length', () => {
    const delays = [
      { at: 1000, lasted: 500, failed: 1 },
      { at: 8000, lasted: 30, failed: 1 },
    ];
    expect(runsOf(spansOf(trackFrom(delays), { fromMs: 0, toMs: 10_000 }, 100))).toEqual([
      { from: 10, to: 15, bits: failed },
      { from: 80, to: 81, bits: failed },
    ]);
  });
});
