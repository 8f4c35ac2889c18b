import { expect, test } from 'vitest';
import { healthy, healthySurvey, testCluster } from '../healthy-survey.ts';
import type { Surveyed } from '../survey.ts';
import { operatingSystem } from './operating-system.ts';

function identity(change: Partial<Surveyed['identity']>): Partial<Surveyed> {
  const [host] = testCluster.hosts;
  return host === undefined ? {} : { identity: { ...healthy(host).identity, ...change } };
}

test('operatingSystem: nothing on Debian 13 with systemd', () => {
  expect(operatingSystem(healthySurvey())).toEqual([]);
});

test('operatingSystem: another one is a warning', () => {
  const os = { id: 'rocky', version: '9.4', codename: '', pretty: 'Rocky Linux 9.4 (Blue Onyx)' };
  expect(operatingSystem(healthySurvey({ m1: identity({ os }) }))).toMatchObject([{ severity: 'warning', check: 'operating-system' }]);
});

test('operatingSystem: without systemd, and with an architecture that no bundle has, errors', () => {
  const spoilt = identity({ init: 'init', architecture: undefined, kernelMachine: 'riscv64' });
  expect(operatingSystem(healthySurvey({ m1: spoilt }))).toMatchObject([
    { severity: 'error', check: 'systemd' },
    { severity: 'error', check: 'architecture', message: 'the machine is riscv64' },
  ]);
});

test('operatingSystem: a machine of another architecture than the bundle is an error', () => {
  const manifest = {
    formatVersion: 1 as const,
    kubernetesVersion: 'v1.34.4',
    architecture: 'arm64' as const,
    etcdVersion: '',
    pauseImage: '',
    files: [],
  };
  const cluster = { ...testCluster, openBundle: { directory: '/bundle', manifest, packageArchives: [] } };
  expect(operatingSystem(healthySurvey({}, cluster)).map((finding) => finding.host)).toEqual(['m1', 'm2', 'm3', 'w1']);
});
