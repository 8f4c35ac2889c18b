import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bytesOf, sha256 } from './hash-file.ts';
import { type Image, writeImageArchive } from './image-archive.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'image-archive-'));
  await writeFile(join(directory, 'kube'), 'a program');
});
afterAll(() => rm(directory, { recursive: true }));

function images(): readonly Image[] {
  const kube = { name: 'kube', entries: [{ kind: 'file' as const, path: 'usr/bin/kube', source: join(directory, 'kube'), mode: 0o755 }] };
  const nft = { name: 'nft', entries: [{ kind: 'text' as const, path: 'nft', text: 'nft' }] };
  return [
    { references: ['example/apiserver:v1', 'example/etcd:v1'], layers: [kube] },
    { references: ['example/proxy:v1'], layers: [kube, nft], entrypoint: ['/proxy'], environment: ['MODE=nft'] },
  ];
}

async function contents(file: string): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for await (const entry of createReadStream(file).pipe(extract())) {
    const chunks: Buffer[] = [];
    for await (const chunk of bytesOf(entry)) chunks.push(chunk);
    found.set(entry.header.name, Buffer.concat(chunks));
  }
  return found;
}

test('writeImageArchive writes each layer once, named by its digest, and a config for each image', async () => {
  await writeImageArchive(join(directory, 'a.tar'), 'amd64', images());
  const files = await contents(join(directory, 'a.tar'));
  expect([...files.keys()].filter((name) => name.endsWith('/layer.tar'))).toHaveLength(2);
  for (const [name, content] of files) {
    if (name !== 'manifest.json') expect(name.replace(/(\/layer\.tar|\.json)$/, '')).toBe(sha256(content));
  }
  const [apiserver, proxy] = JSON.parse(String(files.get('manifest.json')));
  expect(apiserver.RepoTags).toEqual(['example/apiserver:v1', 'example/etcd:v1']);
  expect(proxy.Layers[0]).toBe(apiserver.Layers[0]);
  const config = JSON.parse(String(files.get(proxy.Config)));
  expect(config.config).toMatchObject({ Entrypoint: ['/proxy'], Env: [expect.stringContaining('PATH='), 'MODE=nft'] });
  expect(config.rootfs.diff_ids).toEqual(proxy.Layers.map((layer: string) => `sha256:${layer.replace('/layer.tar', '')}`));
});

test('writeImageArchive gives the same bytes for the same images and leaves no scratch files', async () => {
  await writeImageArchive(join(directory, 'b.tar'), 'amd64', images());
  await writeImageArchive(join(directory, 'c.tar'), 'amd64', images());
  expect(await readFile(join(directory, 'b.tar'))).toEqual(await readFile(join(directory, 'c.tar')));
  expect((await readdir(directory)).filter((name) => name.startsWith('layers-'))).toEqual([]);
});
