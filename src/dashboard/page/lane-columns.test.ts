import { describe, expect, it } from 'vitest';
import { compareLanes, laneColumns, laneNow, lanePaths } from './lane-columns.ts';

describe('laneColumns', () => {
  it('shows the buckets of a window, one a column', () => {
    expect(laneColumns([1, 1, 2, 3, 1], 250, 250, 1250, 4)).toEqual([1, 2, 3, 1]);
  });

  it('leaves columns empty of which nothing is known', () => {
    expect(laneColumns([1], 250, -250, 750, 4)).toEqual([0, 1, 0, 0]);
  });

  it('loses no failure when many buckets share a column', () => {
    const bits = Array.from({ length: 2400 }, (_, index) => (index === 1201 ? 2 : 1));
    expect(laneColumns(bits, 250, 0, 600_000, 240).filter((column) => column === 3)).toHaveLength(1);
  });

  it('leaves no holes when a bucket is wider than a column', () => {
    expect(laneColumns([1, 1, 1], 250, 0, 750, 10).every((column) => column === 1)).toBe(true);
  });
});

describe('lanePaths', () => {
  it('tells what was not served by its height too', () => {
    expect(lanePaths([1, 1, 2, 3], 20)).toEqual({ good: 'M0 0H2V20H0z', bad: 'M2 14H3V20H2z', mixed: 'M3 7H4V20H3z' });
  });
});

describe('laneNow', () => {
  it('says for how long a client has not been served', () => {
    expect(laneNow([1, 1, 2, 2, 0, 2], 250, 1500)).toEqual({ text: 'not served for 1.0 s', tone: 'bad' });
  });

  it('counts from the first attempt where none was ever served', () => {
    expect(laneNow([2, 2], 250, 500)).toEqual({ text: 'not served for 0.5 s', tone: 'bad' });
  });

  it('says that a client is served, is silent, or never spoke', () => {
    expect(laneNow([1, 2, 3], 250, 750)).toEqual({ text: 'served', tone: 'good' });
    expect(laneNow([1], 250, 9250)).toEqual({ text: 'nothing for 9 s', tone: 'none' });
    expect(laneNow([], 250, 9250)).toEqual({ text: 'not asked yet', tone: 'none' });
  });
});

describe('compareLanes', () => {
  it('sorts by what is asked for, then by place, outside first', () => {
    const lane = (text: string) => ({ probe: text.split(' @ ')[0] ?? '', from: text.split(' @ ')[1] ?? '' });
    const lanes = ['watch @ outside', 'strange @ m1', 'writes @ m2', 'new connections @ m1', 'new connections @ outside'].map(lane);
    expect(lanes.toSorted(compareLanes).map(({ probe, from }) => `${probe} @ ${from}`)).toEqual([
      'new connections @ outside',
      'new connections @ m1',
      'writes @ m2',
      'watch @ outside',
      'strange @ m1',
    ]);
  });
});
