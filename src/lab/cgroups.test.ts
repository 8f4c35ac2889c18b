import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cgroupV1 } from './cgroup-v1.ts';
import { cgroupV2 } from './cgroup-v2.ts';
import { parseCgroupMounts } from './cgroups.ts';

const hybrid = `proc /proc proc rw,relatime 0 0
tmpfs /sys/fs/cgroup tmpfs rw,relatime,mode=755 0 0
cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
`;

test('parseCgroupMounts tells the versions apart', () => {
  expect(parseCgroupMounts(hybrid)).toEqual({ v1: ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/systemd'], v2: ['/sys/fs/cgroup/unified'] });
  expect(parseCgroupMounts('cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n')).toEqual({ v1: [], v2: ['/sys/fs/cgroup'] });
});

test('cgroupV1.share: a tenth and back, where there is such a group', async () => {
  const root = mkdtempSync(join(tmpdir(), 'trivet-cgroups-'));
  try {
    for (const hierarchy of ['cpu', 'freezer']) mkdirSync(join(root, hierarchy, 'm1'), { recursive: true });
    writeFileSync(join(root, 'cpu', 'm1', 'cpu.shares'), '1024');
    const cgroups = cgroupV1([join(root, 'cpu'), join(root, 'freezer')]);
    await cgroups.share('m1', 'small');
    expect(readFileSync(join(root, 'cpu', 'm1', 'cpu.shares'), 'utf8')).toBe('102');
    await cgroups.share('m1', 'usual');
    expect(readFileSync(join(root, 'cpu', 'm1', 'cpu.shares'), 'utf8')).toBe('1024');
    expect(readdirSync(join(root, 'freezer', 'm1'))).toEqual([]);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('cgroupV1.enter names the machine in every hierarchy, then becomes the program', () => {
  const argv = cgroupV1(['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/unified']).enter('trivet-a-m1', ['true']);
  expect(argv.slice(4)).toEqual([
    '/sys/fs/cgroup/cpu/trivet-a-m1/cgroup.procs',
    '/sys/fs/cgroup/unified/trivet-a-m1/cgroup.procs',
    '--',
    'true',
  ]);
});

test('cgroupV2.enter is one delegated scope', () => {
  expect(cgroupV2('/sys/fs/cgroup').enter('trivet-a-m1', ['true'])).toEqual([
    'systemd-run',
    '--scope',
    '--collect',
    '--slice=trivetlab.slice',
    '--unit=trivet-a-m1',
    '--property=Delegate=yes',
    '--',
    'true',
  ]);
});
