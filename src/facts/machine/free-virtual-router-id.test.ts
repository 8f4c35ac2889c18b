/** The VRRP id: what stays, what is chosen, what is taken. */

import { expect, test } from 'vitest';
import type { Host } from '../../model/host.ts';
import { existingVirtualRouterId, foreignAdverts, freeVirtualRouterId, type RouterIdWish } from './free-virtual-router-id.ts';

const own: readonly Host[] = [
  {
    name: 'm1',
    address: '203.0.113.11',
    internalAddress: '192.0.2.11',
    roles: ['master'],
    ssh: { user: 'root', port: 22, keyFile: undefined, password: undefined, knownHosts: undefined },
    labels: {},
    taints: [],
    interface: undefined,
  },
];

function wish(address: string, chosen?: number): RouterIdWish {
  return { address, chosen, own };
}

function heard(source: string, ...ids: readonly number[]) {
  return ids.map((virtualRouterId) => ({ source, virtualRouterId, priority: 100, version: 3 }));
}

test('freeVirtualRouterId: an earlier id stays, then the file decides, then the VIP', () => {
  expect(freeVirtualRouterId(wish('192.0.2.100', 7), heard('192.0.2.250', 7, 9), 9)).toBe(9);
  expect(freeVirtualRouterId(wish('192.0.2.100', 7), [])).toBe(7);
  expect(freeVirtualRouterId(wish('192.0.2.100'), [])).toBe(100);
});

test("freeVirtualRouterId: moves on from ids of strangers, around 255, but not from our own masters'", () => {
  expect(freeVirtualRouterId(wish('192.0.2.254'), heard('192.0.2.250', 254, 255, 1))).toBe(2);
  expect(freeVirtualRouterId(wish('192.0.2.100'), heard('192.0.2.11', 100))).toBe(100);
});

test('freeVirtualRouterId: is in 1–255 for a VIP that ends in 0, and when every id is taken', () => {
  const all = heard('192.0.2.250', ...Array.from({ length: 255 }, (_, index) => index + 1));
  expect(freeVirtualRouterId(wish('198.51.100.0'), [])).toBeGreaterThan(0);
  expect(freeVirtualRouterId(wish('192.0.2.100'), all)).toBe(100);
});

test('foreignAdverts: leaves out both addresses of a master', () => {
  const adverts = [...heard('192.0.2.11', 1), ...heard('203.0.113.11', 2), ...heard('192.0.2.99', 3)];
  expect(foreignAdverts(own, adverts).map((advert) => advert.virtualRouterId)).toEqual([3]);
});

test('existingVirtualRouterId: of the instance with the VIP, none for another VIP', () => {
  const instances = [
    { name: 'other', virtualRouterId: 51, addresses: ['198.51.100.1'] },
    { name: 'trivet', virtualRouterId: 100, addresses: ['192.0.2.100'] },
  ];
  expect(existingVirtualRouterId(instances, '192.0.2.100')).toBe(100);
  expect(existingVirtualRouterId(instances, '192.0.2.101')).toBeUndefined();
});
