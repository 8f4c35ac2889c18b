import { expect, test } from 'vitest';
import { sysctlChanges } from './sysctls.ts';

test('sysctlChanges asks for nothing that is already so', () => {
  expect(sysctlChanges(new Map([['vm/overcommit_memory', 1]]))).toEqual([]);
});

test('sysctlChanges remembers the value of before', () => {
  expect(sysctlChanges(new Map([['kernel/panic', 1]]))).toEqual([{ path: 'kernel/panic', before: 1, after: 10 }]);
});

test('sysctlChanges raises limits and never lowers them', () => {
  const now = new Map([
    ['fs/inotify/max_user_instances', 128],
    ['fs/inotify/max_user_watches', 1_000_000],
  ]);
  expect(sysctlChanges(now)).toEqual([{ path: 'fs/inotify/max_user_instances', before: 128, after: 8192 }]);
});

test('sysctlChanges skips what this kernel does not have', () => {
  expect(sysctlChanges(new Map())).toEqual([]);
});
