import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withBuildLock } from './build-lock.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'build-lock-'));
});
afterEach(() => rm(root, { recursive: true }));

const emit = () => undefined;

test('withBuildLock lets one work at a time and goes on after a failure', async () => {
  const order: string[] = [];
  const release = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const first = withBuildLock(root, { emit }, async () => {
    order.push('first in');
    started.resolve();
    await release.promise;
    order.push('first out');
    throw new Error('failed');
  });
  await started.promise;
  const second = withBuildLock(root, { emit }, async () => order.push('second in'));
  release.resolve();
  await expect(first).rejects.toThrow('failed');
  await second;
  expect(order).toEqual(['first in', 'first out', 'second in']);
});

test('withBuildLock stops waiting when it is aborted', async () => {
  const controller = new AbortController();
  await withBuildLock(root, { emit }, async () => {
    const waiting = withBuildLock(root, { emit, signal: controller.signal }, async () => 'never');
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
