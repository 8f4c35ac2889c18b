import { describe, expect, it } from 'vitest';
import type { AgentLook } from '../agent/agent-look.ts';
import { etcdLeaderEvents } from './etcd-leader.ts';
import type { MachineLooks } from './machine-looks.ts';

type Said = readonly [atMs: number, term: number, leader: string | undefined];

function member(machine: string, heardMs: number, ...said: readonly Said[]): MachineLooks {
  const looks = said.map(
    ([atMs, term, leader]): AgentLook => ({
      kind: 'etcd',
      member: machine,
      answers: term > 0,
      term,
      ...(leader === undefined ? {} : { leader }),
      atMs,
      sinceMs: atMs - 250,
    }),
  );
  return { machine, looks, heardMs, errorMs: 2 };
}

describe('etcdLeaderEvents', () => {
  it('the leader’s machine dies: nobody while the others know of none, then the new one as soon as a member says so', () => {
    const machines = [
      member('m1', 1000, [10, 5, 'm1']),
      member('m2', 9000, [20, 5, 'm1'], [2000, 5, undefined], [2600, 6, 'm3']),
      member('m3', 9000, [30, 5, 'm1'], [2100, 5, undefined], [2500, 6, 'm3']),
    ];
    expect(etcdLeaderEvents(machines)).toEqual([
      { kind: 'leader', atMs: 10, of: 'etcd', holder: 'm1', term: 5 },
      { kind: 'leader', atMs: 2100, of: 'etcd', holder: undefined },
      { kind: 'leader', atMs: 2500, of: 'etcd', holder: 'm3', term: 6 },
    ]);
  });

  it('a leader that is cut off and still believes in itself is not believed', () => {
    const machines = [
      member('m1', 9000, [10, 5, 'm1'], [4000, 5, undefined]),
      member('m2', 9000, [20, 5, 'm1'], [1500, 5, undefined], [2000, 6, 'm2']),
      member('m3', 9000, [30, 5, 'm1'], [1600, 5, undefined], [2100, 6, 'm2']),
    ];
    expect(etcdLeaderEvents(machines).map(({ atMs, holder }) => [atMs, holder])).toEqual([
      [10, 'm1'],
      [1600, undefined],
      [2000, 'm2'],
    ]);
  });

  it('a leader that is moved is one change', () => {
    const machines = [member('m1', 9000, [10, 5, 'm1'], [1200, 6, 'm2']), member('m2', 9000, [20, 5, 'm1'], [1000, 6, 'm2'])];
    expect(etcdLeaderEvents(machines).map(({ holder }) => holder)).toEqual(['m1', 'm2']);
  });

  it('members that do not answer know of no leader', () => {
    const machines = [member('m1', 9000, [10, 5, 'm1'], [500, 0, undefined]), member('m2', 9000, [20, 5, 'm1'], [600, 0, undefined])];
    expect(etcdLeaderEvents(machines).map(({ atMs, holder }) => [atMs, holder])).toEqual([
      [10, 'm1'],
      [600, undefined],
    ]);
  });

  it('a new leader that has applied nothing yet tells the old term: its own is what it tells later', () => {
    const m1 = member('m1', 90_000, [10, 5, 'm1'], [500, 0, undefined]);
    const late = member('m2', 90_000, [20, 5, 'm1'], [600, 5, undefined], [1000, 5, 'm2'], [1500, 6, 'm2']);
    expect(etcdLeaderEvents([m1, late]).at(-1)).toEqual({ kind: 'leader', atMs: 1000, of: 'etcd', holder: 'm2', term: 6 });
    const short = member('m2', 3000, [20, 5, 'm1'], [600, 5, undefined], [1000, 5, 'm2']);
    expect(etcdLeaderEvents([member('m1', 2000, [10, 5, 'm1'], [500, 0, undefined]), short]).at(-1)).toEqual({
      kind: 'leader',
      atMs: 1000,
      of: 'etcd',
      holder: 'm2',
    });
    // A look is told when it changes: a leader that goes on in the old term is one of two.
    const two = member('m2', 90_000, [20, 5, 'm1'], [600, 5, undefined], [1000, 5, 'm2']);
    expect(etcdLeaderEvents([m1, two]).at(-1)).toMatchObject({ holder: 'm2', term: 5 });
  });

  it('nothing is said without members', () => {
    expect(etcdLeaderEvents([])).toEqual([]);
  });
});
