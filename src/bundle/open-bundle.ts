/** Opens a bundle: nothing of it is used before all of it is verified. */

import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Bundle } from '../model/bundle.ts';
import type { Emit } from '../model/event.ts';
import { Failure } from '../model/failure.ts';
import { unpackTar } from './bundle-tar.ts';
import { bundleProblems, refuse } from './check-files.ts';
import { packageArchives } from './package-archives.ts';
import { manifestName, parseManifest } from './parse-manifest.ts';

export interface OpenOptions {
  readonly emit?: Emit;
  readonly signal?: AbortSignal;
  /** if-changed: a file whose size, times and inode are those of its last verification is not read again. The default. */
  readonly hash?: 'always' | 'if-changed';
}

/** A directory, or one .tar, which is unpacked into the cache. Throws BUNDLE, naming every bad file. */
export async function openBundle(path: string, options: OpenOptions = {}): Promise<Bundle> {
  const absolute = resolve(path);
  const found = await stat(absolute).catch((cause: unknown) => {
    throw new Failure('BUNDLE', `there is no bundle at ${absolute}`, {
      remedy: `trivet bundle create --from modules --output ${absolute}`,
      cause,
    });
  });
  if (found.isDirectory()) return openDirectory(absolute, options);
  return unpackTar(absolute, (directory) => openDirectory(directory, options), options);
}

async function openDirectory(directory: string, { signal, hash = 'if-changed' }: OpenOptions): Promise<Bundle> {
  const text = await readFile(join(directory, manifestName), 'utf8').catch((cause: unknown) => {
    throw new Failure('BUNDLE', `${directory} is not a bundle: it has no ${manifestName}`, {
      remedy: 'name the directory that `trivet bundle create` wrote, or make one anew',
      cause,
    });
  });
  const parsed = parseManifest(text);
  if ('problems' in parsed) throw refuse(directory, parsed.problems);
  const problems = await bundleProblems(directory, parsed.manifest, { hash, ...(signal && { signal }) });
  if (problems.length > 0) throw refuse(directory, problems);
  return { directory, manifest: parsed.manifest, packageArchives: await packageArchives(directory, parsed.manifest, signal) };
}
