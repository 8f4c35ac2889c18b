/** Remembers which files were verified, so that an `up` with nothing to do need not read half a gigabyte. */

import type { BigIntStats } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheDirectory } from '../local/directories.ts';
import type { BundleFile } from '../model/bundle.ts';
import { sha256 } from './hash-file.ts';

export interface Stamps {
  readonly has: (file: BundleFile, stat: BigIntStats) => boolean;
  readonly add: (file: BundleFile, stat: BigIntStats) => void;
  readonly save: () => Promise<void>;
}

/** A stamp names the content and the file's size, times and inode; ctime cannot be set back by a program. */
export async function readStamps(directory: string): Promise<Stamps> {
  const folder = join(cacheDirectory(), 'verified');
  const path = join(folder, `${sha256(directory).slice(0, 32)}.json`);
  const stamps = new Set(await readFile(path, 'utf8').then(parse, () => []));
  const before = stamps.size;
  const name = (file: BundleFile, stat: BigIntStats) =>
    [file.path, file.sha256, stat.size, stat.mtimeNs, stat.ctimeNs, stat.ino, stat.dev].join(' ');
  return {
    has: (file, stat) => stamps.has(name(file, stat)),
    add: (file, stat) => void stamps.add(name(file, stat)),
    save: async () => {
      if (stamps.size === before) return;
      await mkdir(folder, { recursive: true });
      const temporary = `${path}.${process.pid}`;
      await writeFile(temporary, JSON.stringify([...stamps]));
      await rename(temporary, path);
    },
  };
}

function parse(text: string): readonly string[] {
  return z.array(z.string()).parse(JSON.parse(text));
}
