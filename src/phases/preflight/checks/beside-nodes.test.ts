/** Machines that only balance, or only hold etcd, are not asked for what a kubelet needs. */

import { expect, test } from 'vitest';
import { healthy, healthySurvey, testCluster } from '../healthy-survey.ts';
import type { Surveyed } from '../survey.ts';
import { capacity } from './capacity.ts';
import { kernel } from './kernel.ts';
import { leftovers } from './leftovers.ts';
import { swap } from './swap.ts';
import { sysctls } from './sysctls.ts';

const [pattern] = testCluster.hosts;
if (pattern === undefined) throw new Error('no host');
const lb = { ...pattern, name: 'lb1', internalAddress: '192.0.2.31', address: '192.0.2.31', roles: ['lb'] as const };
const etcd = { ...pattern, name: 'e1', internalAddress: '192.0.2.41', address: '192.0.2.41', roles: ['etcd'] as const };
const cluster = { ...testCluster, hosts: [...testCluster.hosts, lb, etcd] };

const poor: Partial<Surveyed> = {
  capacity: {
    processors: 1,
    memoryBytes: 0.5e9,
    swaps: ['/dev/sda2'],
    disks: [{ mount: '/', totalBytes: 4e9, freeBytes: 1.5e9, paths: ['/'] }],
  },
  kernel: {
    release: '6.12.0',
    features: { overlay: 'absent', br_netfilter: 'absent', nf_tables: 'absent', ip_vs: 'absent' },
    cgroupVersion: 1,
    memoryCgroup: false,
    sysctls: [{ name: 'net.bridge.bridge-nf-call-iptables', value: '', writable: false }],
  },
  traces: { ...traces(), kubernetes: ['/var/lib/kubelet/config.yaml'] },
};

function traces() {
  const found = healthy(lb).traces;
  if (found === undefined) throw new Error('no traces');
  return found;
}

test('a small balancer machine with swap and an old kernel is welcome', () => {
  const survey = healthySurvey({ lb1: poor }, cluster);
  for (const check of [capacity, kernel, leftovers, swap, sysctls]) expect(check(survey)).toEqual([]);
});

test('an etcd machine needs room on the disk, and better more than half a gigabyte of memory', () => {
  expect(capacity(healthySurvey({ e1: poor }, cluster))).toMatchObject([
    { severity: 'error', host: 'e1', check: 'disk' },
    { severity: 'warning', host: 'e1', check: 'memory' },
  ]);
  for (const check of [kernel, swap, sysctls]) expect(check(healthySurvey({ e1: poor }, cluster))).toEqual([]);
});

test('LVS wants ip_vs in the kernel of the balancer machines, and of no other', () => {
  const scheme = {
    ...testCluster.scheme,
    packages: (_: unknown, host: { readonly name: string }) => (host.name === 'lb1' ? ['keepalived', 'ipvsadm'] : []),
  };
  expect(kernel(healthySurvey({}, { ...cluster, scheme }))).toMatchObject([
    {
      severity: 'error',
      host: 'lb1',
      message: expect.stringContaining('has no ip_vs'),
      remedy: expect.stringContaining('linux-image-amd64'),
    },
  ]);
});
