import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, addressText, parseAddress } from './address.ts';
import { firstMembers, type Member, updateMembers } from './members.ts';

function addresses(...texts: readonly string[]): readonly Address[] {
  return texts.flatMap((text) => parseAddress(`10.0.0.${text}:6443`) ?? []);
}
const names = (members: readonly Member[]): string => members.map(({ address }) => address.ip.slice(7)).join(' ');
const nobody: ReadonlySet<string> = new Set();
const failing = (...texts: readonly string[]): ReadonlySet<string> => new Set(addresses(...texts).map(addressText));
const absentMs = 30_000;

describe('updateMembers', () => {
  const start = firstMembers(addresses('1'), addresses('2', '3', '1'));

  it('begins with the static ones and those remembered, each once', () => {
    expect(names(start)).toBe('1 2 3');
    expect(start.map(({ origin }) => origin)).toEqual(['static', 'discovered', 'discovered']);
  });

  it('adds what is listed, and is the same value when nothing changed', () => {
    expect(names(updateMembers(start, { listed: addresses('4', '2', '3'), nowMs: 0, failing: nobody, absentMs }))).toBe('1 2 3 4');
    expect(updateMembers(start, { listed: addresses('3', '2'), nowMs: 0, failing: nobody, absentMs })).toBe(start);
  });

  it('removes a discovered one after absentMs, and only while it fails its checks', () => {
    const gone = updateMembers(start, { listed: addresses('2'), nowMs: 1000, failing: failing('3'), absentMs });
    expect(names(gone)).toBe('1 2 3');
    expect(updateMembers(gone, { listed: undefined, nowMs: 30_999, failing: failing('3'), absentMs })).toBe(gone);
    expect(updateMembers(gone, { listed: undefined, nowMs: 99_000, failing: nobody, absentMs })).toBe(gone);
    expect(names(updateMembers(gone, { listed: undefined, nowMs: 31_000, failing: failing('3'), absentMs }))).toBe('1 2');
  });

  it('forgets an absence when the list names it again', () => {
    const gone = updateMembers(start, { listed: addresses('2'), nowMs: 1000, failing: nobody, absentMs });
    const back = updateMembers(gone, { listed: addresses('2', '3'), nowMs: 20_000, failing: nobody, absentMs });
    expect(names(updateMembers(back, { listed: undefined, nowMs: 40_000, failing: failing('3'), absentMs }))).toBe('1 2 3');
  });

  it('takes an empty list for no news', () => {
    expect(updateMembers(start, { listed: [], nowMs: 1e9, failing: failing('1', '2', '3'), absentMs })).toBe(start);
  });

  it('for any lists and jumps of the clock: static ones stay, the last one stays, nobody who was just listed or is well leaves', () => {
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 9 }).map((numbers) => addresses(...numbers.map(String)));
    const news = fc.record({
      listed: fc.option(some, { nil: undefined }),
      stepMs: fc.oneof(fc.integer({ min: 0, max: 40_000 }), fc.constant(1e9)),
      bad: some,
    });
    fc.assert(
      fc.property(some, some, fc.array(news, { maxLength: 30 }), (given, remembered, all) => {
        let [members, nowMs] = [firstMembers(given, remembered), 0];
        for (const { listed, stepMs, bad } of all) {
          nowMs += stepMs;
          const before = members;
          const failingNow = new Set(bad.map(addressText));
          members = updateMembers(before, { listed, nowMs, failing: failingNow, absentMs });
          const texts = members.map(({ address }) => addressText(address));
          expect(new Set(texts).size).toBe(texts.length);
          expect(texts).toEqual(expect.arrayContaining(given.map(addressText)));
          expect(texts).toEqual(expect.arrayContaining((listed ?? []).map(addressText)));
          if (before.length > 0) expect(members.length).toBeGreaterThan(0);
          for (const { address } of before) if (!failingNow.has(addressText(address))) expect(texts).toContain(addressText(address));
        }
      }),
    );
  });
});
