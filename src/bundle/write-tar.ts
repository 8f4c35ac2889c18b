/** Writes tar files that depend on nothing but their content: sorted, no times, root's own. */

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import { bytesOf, type Digest, readChunk } from './hash-file.ts';

export type TarEntry = { readonly path: string } & (
  | { readonly kind: 'directory'; readonly mode?: number }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly source: string; readonly mode: number }
);

/** Entries are written in the order given. The digest is of the whole tar. */
export async function writeTar(path: string, entries: readonly TarEntry[], signal?: AbortSignal): Promise<Digest> {
  const tar = pack();
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = async function* () {
    for await (const chunk of bytesOf(tar)) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  const writing = pipeline(counted, createWriteStream(path, { highWaterMark: readChunk }), { ...(signal && { signal }) });
  const feeding = feed(tar, entries).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  // The feeder knows why it stopped; the writer then only knows that it was stopped.
  const [fed, written] = await Promise.allSettled([feeding, writing]);
  if (signal?.aborted) signal.throwIfAborted();
  if (written.status === 'rejected' && fed.status === 'fulfilled') throw written.reason;
  if (fed.status === 'rejected') throw fed.reason;
  return { sha256: hash.digest('hex'), bytes };
}

/** Directories first, then files and links, each sorted; the parents of every path are added. For image layers. */
export function layerEntries(entries: readonly TarEntry[]): readonly TarEntry[] {
  const directories = new Map<string, TarEntry>();
  for (const { path } of entries) {
    const parts = path.split('/');
    for (let length = 1; length < parts.length; length += 1) {
      const parent = parts.slice(0, length).join('/');
      directories.set(parent, { kind: 'directory', path: parent });
    }
  }
  for (const entry of entries) if (entry.kind === 'directory') directories.set(entry.path, entry);
  const others = entries.filter((entry) => entry.kind !== 'directory');
  return [...[...directories.values()].sort(byPath), ...others.sort(byPath)];
}

function byPath(a: TarEntry, b: TarEntry): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

async function feed(tar: Pack, entries: readonly TarEntry[]): Promise<void> {
  for (const entry of entries) await add(tar, entry);
  tar.finalize();
}

async function add(tar: Pack, entry: TarEntry): Promise<void> {
  const common = { name: entry.path, mtime: new Date(0), uid: 0, gid: 0, uname: '', gname: '' };
  switch (entry.kind) {
    case 'directory':
      return whole(tar, { ...common, type: 'directory', mode: entry.mode ?? 0o755 });
    case 'link':
      return whole(tar, { ...common, type: 'symlink', linkname: entry.target, mode: 0o777 });
    case 'text':
      return whole(tar, { ...common, type: 'file', mode: 0o644 }, entry.text);
    case 'file': {
      const { size } = await lstat(entry.source);
      return new Promise((resolve, reject) => {
        const sink = tar.entry({ ...common, type: 'file', mode: entry.mode, size }, (error) => (error ? reject(error) : resolve()));
        createReadStream(entry.source, { highWaterMark: readChunk }).once('error', reject).pipe(sink);
      });
    }
  }
}

function whole(tar: Pack, header: Parameters<Pack['entry']>[0], text = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry(header, text, (error) => (error ? reject(error) : resolve()));
  });
}
