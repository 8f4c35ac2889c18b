/** The lock against a second operator, with holds that the test plays. */

import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/engine/clock.ts';
import { lockMachines } from '../../../src/engine/lock.ts';
import type { Connection, Held } from '../../../src/model/connection.ts';
import { connectTo, fakeHost, fakeMachine } from '../../fake-machine/fake-machine.ts';

const owner = (operator: string) => JSON.stringify({ operator, pid: 7, since: '2026-01-01T00:00:00Z' });

/** first: what the lock says at each try; the last answer is repeated. */
function lockable(name: string, log: string[], ...first: readonly string[]) {
  const ended = Promise.withResolvers<number>();
  let tries = 0;
  const machine: Connection = {
    ...fakeMachine({ host: { name } }),
    hold: async (): Promise<Held> => {
      const firstLine = first[Math.min(tries, first.length - 1)] ?? '';
      tries += 1;
      log.push(`${name} ${firstLine.slice(0, 6)}`);
      return { firstLine, ended: ended.promise, release: async () => void log.push(`${name} released`) };
    },
  };
  return { machine, end: () => ended.resolve(0) };
}

function input(machines: readonly Connection[]) {
  let now = 0;
  const clock: Clock = {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
  };
  return {
    hosts: machines.map((machine) => fakeHost(machine.host.name)),
    connect: connectTo(...machines),
    operator: 'alice@laptop',
    signal: new AbortController().signal,
    clock,
  };
}

describe('lockMachines', () => {
  test('takes the machines in their order by name and gives all back', async () => {
    const log: string[] = [];
    const lock = await lockMachines(input([lockable('m2', log, 'held').machine, lockable('m1', log, 'held').machine]));
    await lock.release();
    expect(log).toEqual(['m1 held', 'm2 held', 'm1 released', 'm2 released']);
  });

  test('a second operator is told who, since when and where, and what was taken before is given back', async () => {
    const log: string[] = [];
    const machines = [lockable('m1', log, 'held').machine, lockable('m2', log, `locked ${owner('bob@desk')}`).machine];
    await expect(lockMachines(input(machines))).rejects.toMatchObject({
      code: 'LOCKED',
      host: 'm2',
      message: 'bob@desk (process 7, since 2026-01-01T00:00:00Z) is working on this cluster; the lock is on m2',
      remedy: expect.stringContaining('within 60 s'),
    });
    expect(log).toEqual(['m1 held', 'm2 locked', 'm2 released', 'm1 released']);
  });

  test("one's own earlier run, just killed, is waited for, but not for ever", async () => {
    const own = `locked ${owner('alice@laptop')}`;
    await (await lockMachines(input([lockable('m1', [], own, own, 'held').machine]))).release();
    await expect(lockMachines(input([lockable('m1', [], own).machine]))).rejects.toMatchObject({ code: 'LOCKED' });
  });

  test('a lock whose connection breaks is told by lost', async () => {
    const one = lockable('m1', [], 'held');
    const lock = await lockMachines(input([one.machine]));
    one.end();
    expect(await lock.lost).toMatchObject({ code: 'CONNECTION_LOST', host: 'm1' });
  });
});
