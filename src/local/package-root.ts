/** Where trivet itself lies on disk, whether it runs from src/, bundled from dist/, or as one executable. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { getAsset, isSea } from 'node:sea';
import { Failure } from '../model/failure.ts';
import { cacheDirectory } from './directories.ts';

let found: string | undefined;

/** Absolute path of the directory with trivet's package.json. A Failure INTERNAL when there is none above this file. */
export function packageRoot(): string {
  found ??= isSea() ? unpacked() : search(import.meta.dirname);
  return found;
}

function search(directory: string): string {
  const file = join(directory, 'package.json');
  if (existsSync(file) && readFileSync(file, 'utf8').includes('"name": "trivet"')) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Failure('INTERNAL', 'the files of trivet do not lie under a directory with its package.json');
  return search(parent);
}

/** The executable carries the files that it reads; they are written out when one of them is first asked for. */
function unpacked(): string {
  const digest = getAsset('files.sha256', 'utf8').trim();
  const directory = join(cacheDirectory(), 'files', digest.slice(0, 16));
  if (existsSync(directory)) return directory;
  mkdirSync(dirname(directory), { recursive: true });
  const temporary = mkdtempSync(`${directory}.`);
  for (const path of getAsset('files.txt', 'utf8').trim().split('\n')) {
    mkdirSync(dirname(join(temporary, path)), { recursive: true });
    writeFileSync(join(temporary, path), new Uint8Array(getAsset(`files/${path}`)));
  }
  try {
    renameSync(temporary, directory);
  } catch (error) {
    rmSync(temporary, { recursive: true });
    if (!existsSync(directory)) throw error;
  }
  return directory;
}
