/** The packages of each Debian release as one tar in the cache: a machine gets them in one transfer instead of eighty. */

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BundleManifest, PackageArchive } from '../model/bundle.ts';
import { packageArchivesDirectory } from './bundle-paths.ts';
import { sha256 } from './hash-file.ts';
import { parseDigests } from './parse-manifest.ts';
import { writeTar } from './write-tar.ts';

/** Made when there is none of the same packages yet. The directory must have been verified. Entries have no directory. */
export async function packageArchives(
  directory: string,
  manifest: BundleManifest,
  signal?: AbortSignal,
): Promise<readonly PackageArchive[]> {
  const releases = new Set(manifest.files.flatMap((file) => file.package?.release ?? []));
  const archives: PackageArchive[] = [];
  for (const release of releases) archives.push(await packageArchive(directory, manifest, release, signal));
  return archives;
}

async function packageArchive(
  directory: string,
  { files }: BundleManifest,
  release: string,
  signal?: AbortSignal,
): Promise<PackageArchive> {
  const packages = files.filter((file) => file.package?.release === release);
  const name = sha256(JSON.stringify(packages.map((file) => [basename(file.path), file.sha256]))).slice(0, 32);
  const path = join(packageArchivesDirectory(), `${name}.tar`);
  const record = `${path}.json`;
  const known = await readFile(record, 'utf8').then(
    (text) => parseDigests(text)[release],
    () => undefined,
  );
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (known !== undefined && known.bytes === size) return { release, path, ...known };
  await mkdir(packageArchivesDirectory(), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  try {
    const entries = packages.map((file) => ({
      kind: 'file' as const,
      path: basename(file.path),
      source: join(directory, file.path),
      mode: 0o644,
    }));
    const digest = await writeTar(temporary, entries, signal);
    await writeFile(`${temporary}.json`, JSON.stringify({ [release]: digest }));
    await rename(`${temporary}.json`, record);
    await rename(temporary, path);
    return { release, path, ...digest };
  } finally {
    await rm(temporary, { force: true });
    await rm(`${temporary}.json`, { force: true });
  }
}
