/** Compares a bundle's directory with its manifest: every file, and nothing else. */

import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleFile, BundleManifest } from '../model/bundle.ts';
import { Failure } from '../model/failure.ts';
import { filesBelow } from './cached-part.ts';
import { hashFile } from './hash-file.ts';
import { manifestName } from './parse-manifest.ts';
import { readStamps } from './verified-stamps.ts';

export interface CheckOptions {
  readonly hash: 'always' | 'if-changed';
  readonly signal?: AbortSignal;
}

/** One line a bad file: `path: what is wrong`. Empty: the bundle is whole. */
export async function bundleProblems(directory: string, manifest: BundleManifest, options: CheckOptions): Promise<readonly string[]> {
  const stamps = await readStamps(directory);
  const listed = new Set([manifestName, ...manifest.files.map((file) => file.path)]);
  const extra = (await filesBelow(directory)).filter((path) => !listed.has(path)).map((path) => `${path}: not in ${manifestName}`);
  const problems: string[] = [...extra];
  for (const file of manifest.files) {
    const path = join(directory, file.path);
    const found = await lstat(path, { bigint: true }).catch(() => undefined);
    if (found === undefined) problems.push(`${file.path}: missing`);
    else if (!found.isFile()) problems.push(`${file.path}: not a regular file`);
    else if (found.size !== BigInt(file.bytes)) problems.push(`${file.path}: ${found.size} bytes instead of ${file.bytes}`);
    else if (options.hash === 'if-changed' && stamps.has(file, found)) continue;
    else {
      const { sha256 } = await hashFile(path, options.signal);
      if (sha256 === file.sha256) stamps.add(file, found);
      else problems.push(wrongDigest(file, sha256));
    }
  }
  await stamps.save();
  return problems;
}

export function wrongDigest(file: BundleFile, found: string): string {
  return `${file.path}: SHA-256 is ${found.slice(0, 16)}… instead of ${file.sha256.slice(0, 16)}…`;
}

/** The failure that names them all. */
export function refuse(path: string, problems: readonly string[]): Failure {
  const [first = ''] = problems;
  return new Failure('BUNDLE', `${path}: ${problems.length === 1 ? first : `${problems.length} things are wrong`}`, {
    findings: problems,
    remedy: 'copy the bundle again from where it was made, or make it anew: trivet bundle create --from modules',
  });
}
