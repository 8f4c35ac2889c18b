import { expect, test } from 'vitest';
import { healthySurvey, testCluster } from '../healthy-survey.ts';
import { ports } from './ports.ts';

const listeners = [
  { port: 6443, address: '*', process: 'haproxy' },
  { port: 6443, address: 'IPv6', process: 'haproxy' },
  { port: 2379, address: '*', process: undefined },
];

test('ports: nothing when nobody listens, nor on a member of this cluster', () => {
  const traces = { hasReceipt: true, clusterName: 'test', kubernetes: [], cni: [], caSha256: undefined, kubeletServer: undefined };
  expect(ports(healthySurvey({ m1: { listeners, traces } }))).toEqual([]);
});

test('ports: each port in use is one error, with its process where it is known', () => {
  expect(ports(healthySurvey({ m1: { listeners } }))).toMatchObject([
    { severity: 'error', host: 'm1', message: 'TCP port 6443 is in use by haproxy' },
    { severity: 'error', host: 'm1', message: 'TCP port 2379 is in use' },
  ]);
});

test('ports: a port in ignorePreflightErrors is a warning', () => {
  const cluster = { ...testCluster, kubernetes: { ...testCluster.kubernetes, ignorePreflightErrors: ['Port-6443'] } };
  expect(ports(healthySurvey({ m1: { listeners } }, cluster)).map((finding) => finding.severity)).toEqual(['warning', 'error']);
});
