import { expect, test } from 'vitest';
import { machineHealth } from './machine-health.ts';

test('machineHealth: a master that holds the VIP', () => {
  const stdout = 'containerd active\nkubelet active\nkeepalived active\napiserver 200\nvip 1\nendpoint 200\n';
  expect(machineHealth('192.0.2.11', { address: '192.0.2.100', port: 6443 }).parse({ code: 0, stdout, stderr: '' })).toEqual({
    containerd: 'active',
    kubelet: 'active',
    keepalived: 'active',
    apiserver: 200,
    holdsVip: true,
    endpoint: 200,
  });
});

test('machineHealth: a bare machine, without curl', () => {
  const stdout = 'containerd inactive\nkubelet inactive\napiserver \nvip 0\n';
  expect(machineHealth('192.0.2.11', { address: '192.0.2.100', port: 6443 }).parse({ code: 1, stdout, stderr: '' })).toMatchObject({
    apiserver: 0,
    holdsVip: false,
    endpoint: 0,
  });
});
