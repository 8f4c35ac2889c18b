/** What a machine tells of trivet care. */

import { expect, test } from 'vitest';
import { clusterFile, specOf } from '../../test/fake-machine/rehearsal.ts';
import { careHealth } from './care-health.ts';

const fact = careHealth(specOf(clusterFile({ masters: 3, workers: 1 })));
const said = (stdout: string) => fact.parse({ code: 0, stdout, stderr: '' });

test('careHealth: apiservers go by their masters’ names, one that nobody declared by its address', () => {
  const backend = (address: string, state: string, lastLook: unknown) => ({ address, state, since: '2026-11-21T12:00:00.000Z', lastLook });
  const json = JSON.stringify({
    backends: [
      backend('192.0.2.11:6443', 'UP', { detail: '200 in 4 ms' }),
      backend('192.0.2.12:6443', 'DOWN', { detail: 'refused a connection' }),
      backend('192.0.2.19:6443', 'UP', null),
    ],
  });
  expect(said(`unit active\n${Date.parse('2026-11-21T12:00:30Z') / 1000}\n${json}`)).toEqual({
    unit: 'active',
    backends: [
      { name: 'm1', state: 'UP', sinceSeconds: 30, lastCheck: '200 in 4 ms' },
      { name: 'm2', state: 'DOWN', sinceSeconds: 30, lastCheck: 'refused a connection' },
      { name: '192.0.2.19:6443', state: 'UP', sinceSeconds: 30, lastCheck: '' },
    ],
  });
});

test('careHealth: a daemon that does not answer, or answers rubbish, has told nothing', () => {
  expect(said('unit failed\n1795000000\n')).toEqual({ unit: 'failed', backends: undefined });
  expect(said('unit active\n1795000000\n<html>')).toEqual({ unit: 'active', backends: undefined });
  expect(said('unit active\n1795000000\n{"backends": {}}')).toEqual({ unit: 'active', backends: undefined });
  expect(said('')).toEqual({ unit: '', backends: undefined });
});
