import { expect, test } from 'vitest';
import { healthySurvey, testCluster } from '../healthy-survey.ts';
import type { Survey } from '../survey.ts';
import { vip } from './vip.ts';

const member = { hasReceipt: true, clusterName: 'test', kubernetes: [], cni: [], caSha256: undefined, kubeletServer: undefined };
const subnets = [{ interface: 'eth0', network: '192.0.2.0', prefixLength: 24 }];
const carrying = { interfaces: ['eth0'], addresses: ['192.0.2.11', '192.0.2.100'], subnets, macs: new Map() };

function answered(survey: Survey, mac: string, sameAs: readonly string[] = []): Survey {
  return { ...survey, vipAnswer: { from: 'w1', answer: { mac, sameAs } } };
}

test('vip: nothing when it is free and inside', () => {
  expect(vip(healthySurvey())).toEqual([]);
});

test('vip: outside the subnets of a master is an error, of a worker nothing', () => {
  const network = {
    interfaces: ['eth0'],
    addresses: ['198.51.100.1'],
    subnets: [{ interface: 'eth0', network: '198.51.100.0', prefixLength: 24 }],
    macs: new Map(),
  };
  expect(vip(healthySurvey({ m2: { network }, w1: { network } }))).toMatchObject([
    { severity: 'error', host: 'm2', check: 'vip-subnet', message: expect.stringContaining('198.51.100.0/24 on eth0') },
  ]);
});

test('vip: outside the interface that the file names is an error; of one that does not exist another check tells', () => {
  const cluster = { ...testCluster, schemeOptions: { ...testCluster.schemeOptions, interface: 'eth1' } };
  const network = { interfaces: ['eth0', 'eth1'], addresses: [], subnets, macs: new Map() };
  expect(vip(healthySurvey({ m1: { network }, m2: { network } }, cluster)).map((finding) => finding.host)).toEqual(['m1', 'm2']);
});

test('vip: an unknown machine that answers is an error with its MAC address', () => {
  expect(vip(answered(healthySurvey(), '00:00:5e:00:01:33'))).toMatchObject([
    { severity: 'error', check: 'vip-taken', message: expect.stringContaining('00:00:5e:00:01:33, a VRRP router with the id 51') },
  ]);
});

test('vip: an answer remembered from a machine of ours is nothing', () => {
  expect(vip(answered(healthySurvey(), '02:00:00:00:00:11', ['192.0.2.11']))).toEqual([]);
});

test('vip: carried by a master of this cluster is nothing, by a machine that is not yet a member an error', () => {
  expect(vip(answered(healthySurvey({ m1: { network: carrying, traces: member } }), '02:00:00:00:00:99'))).toEqual([]);
  expect(vip(healthySurvey({ m1: { network: carrying } }))).toMatchObject([{ severity: 'error', host: 'm1', check: 'vip-taken' }]);
});

const care = {
  ...testCluster,
  endpoint: { ...testCluster.endpoint, address: '10.103.97.2' },
  scheme: { ...testCluster.scheme, name: 'local-care', nodeLocal: true, vipHosts: () => [], hosts: () => testCluster.hosts },
} as const;

test('vip: an address that each node keeps for itself lies in no subnet, and nobody has it', () => {
  expect(vip(healthySurvey({}, care))).toEqual([]);
  const network = { ...carrying, addresses: ['192.0.2.11', '10.103.97.2'] };
  expect(vip(healthySurvey({ m1: { network } }, care))).toMatchObject([{ severity: 'error', host: 'm1', check: 'vip-taken' }]);
  expect(vip(healthySurvey({ m1: { network, traces: member } }, care))).toEqual([]);
  expect(vip(answered(healthySurvey({}, care), '02:00:00:00:00:99'))).toMatchObject([{ severity: 'error', check: 'vip-taken' }]);
});

test('vip: one that each node keeps for itself, on a network of theirs, is a warning: its next owner would not be reached', () => {
  const near = { ...care, endpoint: { ...care.endpoint, address: '192.0.2.100' } };
  const warned = vip(healthySurvey({}, near));
  expect(warned.map(({ host }) => host)).toEqual(testCluster.hosts.map(({ name }) => name));
  expect(warned[0]).toMatchObject({ severity: 'warning', check: 'vip-subnet', message: expect.stringContaining('192.0.2.0/24') });
});

test('vip: nothing when the endpoint is the address of a single master', () => {
  const cluster = { ...testCluster, endpoint: { ...testCluster.endpoint, address: '192.0.2.11' } };
  expect(vip(answered(healthySurvey({}, cluster), '02:00:00:00:00:99'))).toEqual([]);
});
