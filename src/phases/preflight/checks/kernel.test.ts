import { expect, test } from 'vitest';
import { healthySurvey, testCluster } from '../healthy-survey.ts';
import { kernel } from './kernel.ts';

const whole = {
  release: '6.12.0',
  features: { overlay: 'present', br_netfilter: 'loadable', nf_tables: 'present', ip_vs: 'absent' },
  cgroupVersion: 2,
  memoryCgroup: true,
  sysctls: [],
} as const;

test('kernel: nothing when modules are loaded or loadable and memory is accounted', () => {
  expect(kernel(healthySurvey())).toEqual([]);
});

test('kernel: a module that is nowhere is an error', () => {
  const findings = kernel(healthySurvey({ w1: { kernel: { ...whole, features: { ...whole.features, br_netfilter: 'absent' } } } }));
  expect(findings).toMatchObject([
    { severity: 'error', host: 'w1', check: 'kernel-modules', message: expect.stringContaining('br_netfilter') },
  ]);
});

test('kernel: version 1 of control groups is a warning, no memory control group an error unless it is ignored', () => {
  const spoilt = { m1: { kernel: { ...whole, cgroupVersion: 1 as const, memoryCgroup: false } } };
  expect(kernel(healthySurvey(spoilt))).toMatchObject([
    { severity: 'error', check: 'memory-cgroup' },
    { severity: 'warning', check: 'cgroup-v1' },
  ]);
  const ignoring = { ...testCluster, kubernetes: { ...testCluster.kubernetes, ignorePreflightErrors: ['systemverification'] } };
  expect(kernel(healthySurvey(spoilt, ignoring)).map((finding) => finding.severity)).toEqual(['warning', 'warning']);
});
