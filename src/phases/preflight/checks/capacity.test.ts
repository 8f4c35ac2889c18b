import { expect, test } from 'vitest';
import { healthy, healthySurvey, testCluster } from '../healthy-survey.ts';
import type { Surveyed } from '../survey.ts';
import { capacity } from './capacity.ts';

function having(name: string, change: Partial<NonNullable<Surveyed['capacity']>>): Partial<Surveyed> {
  const machine = testCluster.hosts.find((host) => host.name === name);
  const whole = machine && healthy(machine).capacity;
  return whole ? { capacity: { ...whole, ...change } } : {};
}

function disk(freeBytes: number) {
  return { disks: [{ mount: '/', totalBytes: 100e9, freeBytes, paths: ['/', '/var/lib'] }] };
}

test('capacity: nothing on machines with room', () => {
  expect(capacity(healthySurvey())).toEqual([]);
});

test('capacity: less than 2 GB free is an error DISK_FULL, less than 10 GB a warning', () => {
  const findings = capacity(healthySurvey({ m1: having('m1', disk(1.5e9)), m2: having('m2', disk(9e9)) }));
  expect(findings).toMatchObject([
    { severity: 'error', host: 'm1', check: 'disk', code: 'DISK_FULL', message: '1.5 GB free on / (for /, /var/lib)' },
    { severity: 'warning', host: 'm2', check: 'disk' },
  ]);
});

test('capacity: a member of the cluster is not warned of 9 GB again', () => {
  const traces = { hasReceipt: true, clusterName: 'test', kubernetes: [], cni: [], caSha256: undefined, kubeletServer: undefined };
  expect(capacity(healthySurvey({ m1: { ...having('m1', disk(9e9)), traces } }))).toEqual([]);
});

test('capacity: memory under 1 GB is an error, under 1.7 GB a warning on masters only', () => {
  const findings = capacity(
    healthySurvey({
      m1: having('m1', { memoryBytes: 0.9e9 }),
      m2: having('m2', { memoryBytes: 1.5e9 }),
      w1: having('w1', { memoryBytes: 1.5e9 }),
    }),
  );
  expect(findings).toMatchObject([
    { severity: 'error', host: 'm1', check: 'memory' },
    { severity: 'warning', host: 'm2', check: 'memory' },
  ]);
});

test('capacity: one processor is a warning on masters', () => {
  const findings = capacity(healthySurvey({ m1: having('m1', { processors: 1 }), w1: having('w1', { processors: 1 }) }));
  expect(findings).toMatchObject([{ severity: 'warning', host: 'm1', check: 'processors' }]);
});
