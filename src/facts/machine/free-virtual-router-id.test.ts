import { expect, test } from 'vitest';
import type { ClusterSpec } from '../../model/cluster.ts';
import { existingVirtualRouterId, foreignAdverts, freeVirtualRouterId } from './free-virtual-router-id.ts';

const ssh = { user: 'root', port: 22, keyFile: undefined, password: undefined, knownHosts: undefined };

function cluster(vip: string, virtualRouterId?: number): ClusterSpec {
  return {
    name: 'test',
    hosts: [
      {
        name: 'm1',
        address: '203.0.113.11',
        internalAddress: '192.0.2.11',
        roles: ['master'],
        ssh,
        labels: {},
        taints: [],
        interface: undefined,
      },
    ],
    kubernetes: {
      version: 'v1.34.4',
      ignorePreflightErrors: [],
      kubeadm: { cluster: {}, init: {}, join: {}, kubelet: {}, kubeProxy: {} },
    },
    endpoint: { domain: 'apiserver.cluster.local', address: vip, port: 6443, extraSans: [] },
    schemeOptions: { kind: 'vip-on-masters', preempt: false, virtualRouterId, advertSeconds: 0.2, interface: undefined },
    etcdOptions: { kind: 'stacked' },
    network: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12', dnsDomain: 'cluster.local', podNetwork: { kind: 'builtin' } },
    bundle: undefined,
    lab: undefined,
  };
}

function heard(source: string, ...ids: readonly number[]) {
  return ids.map((virtualRouterId) => ({ source, virtualRouterId, priority: 100, version: 3 }));
}

test('freeVirtualRouterId: an earlier id stays, then the file decides, then the VIP', () => {
  expect(freeVirtualRouterId(cluster('192.0.2.100', 7), heard('192.0.2.250', 7, 9), 9)).toBe(9);
  expect(freeVirtualRouterId(cluster('192.0.2.100', 7), [])).toBe(7);
  expect(freeVirtualRouterId(cluster('192.0.2.100'), [])).toBe(100);
});

test("freeVirtualRouterId: moves on from ids of strangers, around 255, but not from our own masters'", () => {
  expect(freeVirtualRouterId(cluster('192.0.2.254'), heard('192.0.2.250', 254, 255, 1))).toBe(2);
  expect(freeVirtualRouterId(cluster('192.0.2.100'), heard('192.0.2.11', 100))).toBe(100);
});

test('freeVirtualRouterId: is in 1–255 for a VIP that ends in 0, and when every id is taken', () => {
  const all = heard('192.0.2.250', ...Array.from({ length: 255 }, (_, index) => index + 1));
  expect(freeVirtualRouterId(cluster('198.51.100.0'), [])).toBeGreaterThan(0);
  expect(freeVirtualRouterId(cluster('192.0.2.100'), all)).toBe(100);
});

test('foreignAdverts: leaves out both addresses of a master', () => {
  const adverts = [...heard('192.0.2.11', 1), ...heard('203.0.113.11', 2), ...heard('192.0.2.99', 3)];
  expect(foreignAdverts(cluster('192.0.2.100'), adverts).map((advert) => advert.virtualRouterId)).toEqual([3]);
});

test('existingVirtualRouterId: of the instance with the VIP, none for another VIP', () => {
  const instances = [
    { name: 'other', virtualRouterId: 51, addresses: ['198.51.100.1'] },
    { name: 'trivet', virtualRouterId: 100, addresses: ['192.0.2.100'] },
  ];
  expect(existingVirtualRouterId(instances, '192.0.2.100')).toBe(100);
  expect(existingVirtualRouterId(instances, '192.0.2.101')).toBeUndefined();
});
