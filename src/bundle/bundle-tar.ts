/** A bundle as one tar: packed with its manifest first, unpacked into the cache, its files checked on the way. */

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Extract, extract } from 'tar-stream';
import type { Bundle, BundleManifest } from '../model/bundle.ts';
import type { Emit } from '../model/event.ts';
import { Failure } from '../model/failure.ts';
import { unpackedDirectory } from './bundle-paths.ts';
import { refuse, wrongDigest } from './check-files.ts';
import { bytesOf, type Digest, readChunk, sha256 } from './hash-file.ts';
import { isInside, manifestName, parseManifest } from './parse-manifest.ts';
import { writeTar } from './write-tar.ts';

/** The same bundle gives the same bytes. */
export async function packTar({ directory, manifest }: Bundle, file: string, signal?: AbortSignal): Promise<void> {
  const paths = [manifestName, ...manifest.files.map(({ path }) => path).sort()];
  const entries = paths.map((path) => ({ kind: 'file' as const, path, source: join(directory, path), mode: 0o644 }));
  await writeTar(file, entries, signal);
}

export interface UnpackOptions {
  readonly emit?: Emit;
  readonly signal?: AbortSignal;
}

/**
 * Opens what an earlier run unpacked from the same manifest, else unpacks. The directory is named for the manifest,
 * which names the SHA-256 of everything else.
 */
export async function unpackTar(
  file: string,
  open: (directory: string) => Promise<Bundle>,
  { emit, signal }: UnpackOptions,
): Promise<Bundle> {
  const text = await manifestOf(file, signal);
  const directory = join(unpackedDirectory(), sha256(text));
  const parsed = parseManifest(text);
  if ('problems' in parsed) throw refuse(file, parsed.problems);
  const unpacked = await access(directory).then(
    () => open(directory).catch(() => undefined),
    () => undefined,
  );
  if (unpacked !== undefined) return unpacked;
  emit?.({ kind: 'progress', task: 'bundle', message: `unpacking ${file}`, usualSeconds: 5 });
  const temporary = `${directory}.${randomUUID()}`;
  try {
    const problems = await readFiles(file, text, parsed.manifest, { signal, to: temporary });
    if (problems.length > 0) throw refuse(file, problems);
    await writeFile(join(temporary, manifestName), text);
    await rm(directory, { recursive: true, force: true });
    await rename(temporary, directory);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return open(directory);
}

/** Reads the whole tar and compares it with its manifest; writes nothing. */
export async function verifyTar(file: string, signal?: AbortSignal): Promise<BundleManifest> {
  const text = await manifestOf(file, signal);
  const parsed = parseManifest(text);
  const problems = 'problems' in parsed ? parsed.problems : await readFiles(file, text, parsed.manifest, { signal, to: undefined });
  if ('problems' in parsed || problems.length > 0) throw refuse(file, problems);
  return parsed.manifest;
}

async function manifestOf(file: string, signal?: AbortSignal): Promise<string> {
  for await (const { path, entry } of files(file, signal)) {
    if (path !== manifestName) continue;
    const chunks: Buffer[] = [];
    for await (const chunk of bytesOf(entry)) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }
  throw new Failure('BUNDLE', `${file} is not a bundle: it has no ${manifestName}`, {
    remedy: 'name the file that `trivet bundle create` wrote',
  });
}

type Entry = Extract extends AsyncIterable<infer E> ? E : never;

interface ReadOptions {
  readonly signal: AbortSignal | undefined;
  /** Where to write the files; undefined: nowhere. */
  readonly to: string | undefined;
}

async function readFiles(file: string, text: string, manifest: BundleManifest, { signal, to }: ReadOptions): Promise<readonly string[]> {
  const listed = new Map(manifest.files.map((one) => [one.path, one]));
  const problems: string[] = [];
  for await (const { path, entry } of files(file, signal)) {
    const expected = listed.get(path);
    if (expected === undefined) {
      const same = path === manifestName && (await readEntry(entry, undefined)).sha256 === sha256(text);
      if (!same) problems.push(path === manifestName ? `${manifestName}: twice in the archive` : `${path}: not in ${manifestName}`);
      continue;
    }
    listed.delete(path);
    const digest = await readEntry(entry, to && join(to, path));
    if (digest.bytes !== expected.bytes) problems.push(`${path}: ${digest.bytes} bytes instead of ${expected.bytes}`);
    else if (digest.sha256 !== expected.sha256) problems.push(wrongDigest(expected, digest.sha256));
  }
  return [...problems, ...[...listed.keys()].map((path) => `${path}: missing`)];
}

async function readEntry(entry: Entry, to: string | undefined): Promise<Digest> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = async function* () {
    for await (const chunk of bytesOf(entry)) {
      hash.update(chunk);
      bytes += chunk.length;
      if (to !== undefined) yield chunk;
    }
  };
  if (to === undefined) for await (const _ of counted());
  else {
    await mkdir(dirname(to), { recursive: true });
    await pipeline(counted, createWriteStream(to, { highWaterMark: readChunk }));
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** The files of a tar. Throws BUNDLE for one that is broken, and for entries that could land outside or are no files. */
async function* files(file: string, signal?: AbortSignal): AsyncGenerator<{ readonly path: string; readonly entry: Entry }> {
  const source = createReadStream(file, { highWaterMark: readChunk, ...(signal && { signal }) });
  const tar = extract();
  source.once('error', (error) => tar.destroy(error)).pipe(tar);
  try {
    for await (const entry of tar) {
      const path = safePath(file, entry);
      if (path !== undefined) yield { path, entry };
      entry.resume();
    }
  } catch (cause) {
    if (cause instanceof Failure || signal?.aborted) throw cause;
    throw new Failure('BUNDLE', `${file} is not a whole tar: ${cause instanceof Error ? cause.message : String(cause)}`, {
      remedy: 'copy it again from where it was made',
      cause,
    });
  } finally {
    source.destroy();
  }
}

function safePath(file: string, { header }: Entry): string | undefined {
  const path = header.name.replace(/^(\.\/)+/, '').replace(/\/$/, '');
  const directory = header.type === 'directory';
  if (directory && (path === '' || path === '.')) return undefined;
  if (!isInside(path)) throw refuse(file, [`${JSON.stringify(header.name)}: would land outside the bundle`]);
  if (directory) return undefined;
  if (header.type !== 'file' && header.type !== 'contiguous-file') throw refuse(file, [`${path}: a ${header.type}, not a file`]);
  return path;
}
