import { expect, it } from 'vitest';
import { advertisedAddress } from './api-session.ts';

it('advertisedAddress: the apiserver’s own among all masters’ names, as kubeadm 1.34 orders them', () => {
  const names = 'DNS:apiserver.cluster.local, DNS:kubernetes, DNS:m1, DNS:m2, DNS:m3';
  expect(advertisedAddress(`${names}, IP Address:10.96.0.1, IP Address:192.0.2.12, IP Address:192.0.2.100, IP Address:192.0.2.11`)).toBe(
    '192.0.2.12',
  );
});

it('advertisedAddress: a certificate with one address or none', () => {
  expect(advertisedAddress('DNS:api, IP Address:127.0.0.1')).toBe('127.0.0.1');
  expect(advertisedAddress('DNS:api')).toBe('?');
});
