import { expect, test } from 'vitest';
import { nspawnArguments } from './nspawn-arguments.ts';

const argv = nspawnArguments({
  id: 'trivet-demo-m1',
  hostName: 'm1',
  root: '/labs/demo/machines/m1/root',
  namespacePath: '/run/netns/trivet-demo-m1',
  binds: [{ source: '/labs/demo/machines/m1/etcd', path: '/var/lib/etcd' }],
  initArguments: ['SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1'],
});

test('nspawnArguments takes clock, modules and swap out of reach', () => {
  expect(argv).toContain('--drop-capability=CAP_SYS_TIME,CAP_SYS_MODULE');
  expect(argv).toContain('--system-call-filter=~@swap @module @raw-io kexec_load kexec_file_load acct');
});

test('nspawnArguments denies system calls after it allows them, for later lists win', () => {
  const filters = argv.filter((word) => word.startsWith('--system-call-filter='));
  expect(filters.map((word) => word.includes('=~'))).toEqual([false, true]);
});

test('nspawnArguments puts the words for init last, after every option', () => {
  expect(argv.at(-1)).toBe('SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1');
  expect(argv.slice(1, -1).every((word) => word.startsWith('--'))).toBe(true);
});

test('nspawnArguments binds directories and the network namespace', () => {
  expect(argv).toContain('--bind=/labs/demo/machines/m1/etcd:/var/lib/etcd');
  expect(argv).toContain('--network-namespace-path=/run/netns/trivet-demo-m1');
});
