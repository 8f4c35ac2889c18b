/** Puts a bundle's files together in a directory: beside its place, verified, then renamed to it. */

import { constants, copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Bundle } from '../model/bundle.ts';
import { Failure } from '../model/failure.ts';
import type { Sourced } from './create-bundle.ts';
import type { Maker } from './maker.ts';
import { openBundle } from './open-bundle.ts';
import { manifestName } from './parse-manifest.ts';

/** Replaces a bundle or an empty directory; BUNDLE_BUILD when something else is there. */
export async function writeDirectory(maker: Maker, output: string, manifest: string, files: readonly Sourced[]): Promise<Bundle> {
  await refuseForeign(output);
  maker.emit({ kind: 'progress', task: 'bundle', message: `writing ${output}`, usualSeconds: 3 });
  const parent = dirname(output);
  await mkdir(parent, { recursive: true });
  const temporary = join(parent, `.${basename(output)}.part`);
  await rm(temporary, { recursive: true, force: true });
  try {
    for (const { file, source } of files) {
      const path = join(temporary, file.path);
      await mkdir(dirname(path), { recursive: true });
      // Copies, not links: damage to the bundle must not reach the parts that it is repaired from.
      await copyFile(source, path, constants.COPYFILE_FICLONE);
      maker.signal?.throwIfAborted();
    }
    await writeFile(join(temporary, manifestName), manifest);
    await openBundle(temporary, { emit: maker.emit, hash: 'always' }).catch((cause: unknown) => discardDamaged(maker, cause, files));
    await replace(output, temporary);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return openBundle(output, { emit: maker.emit });
}

/** The parts are what is damaged, so they go: the next run makes them anew. */
async function discardDamaged(maker: Maker, cause: unknown, files: readonly Sourced[]): Promise<never> {
  const bad = cause instanceof Failure ? cause.findings : [];
  const damaged = files.filter(({ file }) => bad.some((finding) => finding.startsWith(`${file.path}:`)));
  for (const { source } of damaged) {
    const [part = ''] = source.slice(maker.parts.length + 1).split('/');
    if (part !== '') await rm(join(maker.parts, part), { recursive: true, force: true });
  }
  throw new Failure('BUNDLE_BUILD', 'a part from an earlier run was damaged and has been removed', {
    remedy: 'run the same command again: it makes that part anew',
    findings: bad,
    cause,
  });
}

/** The place is empty only between two renames. */
async function replace(output: string, by: string): Promise<void> {
  const old = `${by}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(output, old).catch(() => undefined);
  await rename(by, output);
  await rm(old, { recursive: true, force: true });
}

async function refuseForeign(output: string): Promise<void> {
  const entries = await readdir(output).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw new Failure('BUNDLE_BUILD', `${output} is there and is not a directory`, { remedy: 'give another --output', cause: error });
  });
  if (entries.length === 0 || entries.includes(manifestName)) return;
  throw new Failure('BUNDLE_BUILD', `${output} holds something that is not a bundle`, { remedy: 'give another --output' });
}
