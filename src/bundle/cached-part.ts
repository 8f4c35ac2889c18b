/** Parts of a bundle are made once: in a temporary directory, renamed to the name of their inputs when complete. */

import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Json } from '../model/cluster.ts';
import { type Digest, hashFile, sha256 } from './hash-file.ts';
import { parseDigests } from './parse-manifest.ts';

export interface Part {
  /** Absolute; removed as a whole when something in it turns out to be damaged. */
  readonly directory: string;
  /** By path in it. */
  readonly files: Readonly<Record<string, Digest>>;
}

const record = 'files.json';

/**
 * Returns the part that was made from the same inputs before, or makes it. Call it with the build lock held: what an
 * interrupted run left of this part is removed.
 */
export async function cachedPart(root: string, name: string, inputs: Json, build: (directory: string) => Promise<void>): Promise<Part> {
  const directory = join(root, `${name}-${sha256(JSON.stringify(inputs)).slice(0, 16)}`);
  const existing = await readPart(directory);
  if (existing !== undefined) return existing;
  await mkdir(root, { recursive: true });
  for (const left of await readdir(root)) {
    if (left.startsWith(`.${name}-`)) await rm(join(root, left), { recursive: true, force: true });
  }
  await rm(directory, { recursive: true, force: true });
  const temporary = await mkdtemp(join(root, `.${name}-`));
  try {
    await build(temporary);
    const files: Record<string, Digest> = {};
    for (const path of await filesBelow(temporary)) files[path] = await hashFile(join(temporary, path));
    await writeFile(join(temporary, record), JSON.stringify(files, null, 1));
    await rename(temporary, directory);
    return { directory, files };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Paths relative to the directory, sorted. */
export async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}

async function readPart(directory: string): Promise<Part | undefined> {
  try {
    const files = parseDigests(await readFile(join(directory, record), 'utf8'));
    for (const [path, { bytes }] of Object.entries(files)) {
      if ((await stat(join(directory, path))).size !== bytes) return undefined;
    }
    return { directory, files };
  } catch {
    return undefined;
  }
}
