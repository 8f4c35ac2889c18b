/** Where trivet itself lies on disk, whether it runs from src/ or bundled from dist/. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../model/failure.ts';

let found: string | undefined;

/** Absolute path of the directory with trivet's package.json. A Failure INTERNAL when there is none above this file. */
export function packageRoot(): string {
  found ??= search(import.meta.dirname);
  return found;
}

function search(directory: string): string {
  const file = join(directory, 'package.json');
  if (existsSync(file) && readFileSync(file, 'utf8').includes('"name": "trivet"')) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Failure('INTERNAL', 'the files of trivet do not lie under a directory with its package.json');
  return search(parent);
}
