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
    { severity: 'error', host: 'm1', message: 'TCP port 6443 is in use by haproxy: the apiserver will listen there' },
    { severity: 'error', host: 'm1', message: 'TCP port 2379 is in use: etcd will listen there' },
  ]);
});

test('ports: a port in ignorePreflightErrors is a warning', () => {
  const cluster = { ...testCluster, kubernetes: { ...testCluster.kubernetes, ignorePreflightErrors: ['Port-6443'] } };
  expect(ports(healthySurvey({ m1: { listeners } }, cluster)).map((finding) => finding.severity)).toEqual(['warning', 'error']);
});

test('ports: the balancer’s own port is named as such, and may be moved where the scheme lets it', () => {
  const scheme = { ...testCluster.scheme, ports: () => [{ port: 8443, of: 'haproxy' }] };
  const taken = { m1: { listeners: [{ port: 8443, address: '*', process: 'java' }] } };
  expect(ports(healthySurvey(taken, { ...testCluster, scheme }))).toMatchObject([
    {
      message: 'TCP port 8443 is in use by java: the endpoint’s balancer (haproxy) will listen there',
      remedy: expect.stringContaining('spec.controlPlaneEndpoint.port'),
    },
  ]);
});

test('ports: two that share a port at different addresses are both named', () => {
  const local = { ...testCluster.scheme, ports: () => [{ port: 6443, of: 'haproxy' }] };
  expect(ports(healthySurvey({ m1: { listeners: listeners.slice(0, 1) } }, { ...testCluster, scheme: local }))).toMatchObject([
    { message: 'TCP port 6443 is in use by haproxy: the apiserver and the endpoint’s balancer (haproxy) will listen there' },
  ]);
});
