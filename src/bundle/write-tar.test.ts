import { chmod, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256 } from './hash-file.ts';
import { layerEntries, type TarEntry, writeTar } from './write-tar.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'write-tar-'));
  await writeFile(join(directory, 'program'), 'x'.repeat(3_000_000));
});
afterAll(() => rm(directory, { recursive: true }));

const entries = (): readonly TarEntry[] => [
  { kind: 'directory', path: 'tmp', mode: 0o1777 },
  { kind: 'file', path: 'usr/bin/program', source: join(directory, 'program'), mode: 0o755 },
  { kind: 'link', path: 'usr/bin/alias', target: 'program' },
  { kind: 'text', path: 'manifest.json', text: '{}' },
];

test('writeTar gives the same bytes whatever the times and modes of the sources are, and the digest of the file', async () => {
  const first = await writeTar(join(directory, 'a.tar'), entries());
  await utimes(join(directory, 'program'), new Date(0), new Date(0));
  await chmod(join(directory, 'program'), 0o600);
  const second = await writeTar(join(directory, 'b.tar'), entries());
  const written = await readFile(join(directory, 'b.tar'));
  expect(second).toEqual(first);
  expect(second).toEqual({ sha256: sha256(written), bytes: written.length });
});

test('writeTar fails when a source cannot be read', async () => {
  const missing: TarEntry = { kind: 'file', path: 'x', source: join(directory, 'missing'), mode: 0o644 };
  await expect(writeTar(join(directory, 'c.tar'), [missing])).rejects.toThrow('ENOENT');
});

test('writeTar stops when it is aborted', async () => {
  await expect(writeTar(join(directory, 'd.tar'), entries(), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});

test('layerEntries adds parents, keeps a stated mode and does not depend on the order given', () => {
  const paths = layerEntries(entries()).map((entry) => entry.path);
  expect(paths).toEqual(['tmp', 'usr', 'usr/bin', 'manifest.json', 'usr/bin/alias', 'usr/bin/program']);
  expect(layerEntries([...entries()].reverse())).toEqual(layerEntries(entries()));
  expect(layerEntries(entries())[0]).toMatchObject({ mode: 0o1777 });
});
