import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cachedPart } from './cached-part.ts';
import { sha256 } from './hash-file.ts';

let root = '';
let built = 0;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cached-part-'));
  built = 0;
});
afterEach(() => rm(root, { recursive: true }));

const build = async (directory: string) => {
  built += 1;
  await mkdir(join(directory, 'sub'));
  await writeFile(join(directory, 'sub', 'file'), 'content');
};

test('cachedPart builds once for the same inputs and again for others', async () => {
  const part = await cachedPart(root, 'kube', ['go1'], build);
  expect(part.files).toEqual({ 'sub/file': { sha256: sha256('content'), bytes: 7 } });
  expect(await cachedPart(root, 'kube', ['go1'], build)).toEqual(part);
  expect(built).toBe(1);
  expect((await cachedPart(root, 'kube', ['go2'], build)).directory).not.toBe(part.directory);
  expect(built).toBe(2);
});

test('cachedPart leaves nothing of a failed build, removes what a killed one left, and then builds', async () => {
  const fail = async (directory: string) => {
    await build(directory);
    throw new Error('no space');
  };
  await expect(cachedPart(root, 'kube', [], fail)).rejects.toThrow('no space');
  expect(await readdir(root)).toEqual([]);
  await mkdir(join(root, '.kube-killed'));
  await mkdir(join(root, '.other-killed'));
  await cachedPart(root, 'kube', [], build);
  expect((await readdir(root)).filter((name) => name.startsWith('.'))).toEqual(['.other-killed']);
});

test('cachedPart builds anew when a file is gone or cut off', async () => {
  const { directory } = await cachedPart(root, 'kube', [], build);
  await writeFile(join(directory, 'sub', 'file'), 'cont');
  await cachedPart(root, 'kube', [], build);
  await rm(join(directory, 'sub', 'file'));
  await cachedPart(root, 'kube', [], build);
  expect(built).toBe(3);
});
