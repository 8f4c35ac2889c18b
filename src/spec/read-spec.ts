/** Reads a cluster file from disk. The parser, with yaml and zod, is loaded only then. */

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Failure } from '../model/failure.ts';
import type { SpecResult } from './problem.ts';

export interface ReadSpecOptions {
  /** Accept an even number of masters, with a warning. Default false. */
  readonly allowEven?: boolean;
  /** Default: process.cwd(). */
  readonly directory?: string;
}

/** Problems are a value; Failure CLUSTER_FILE_MISSING when the file cannot be read. */
export async function readSpec(path: string, options: ReadSpecOptions = {}): Promise<SpecResult> {
  const absolute = resolve(options.directory ?? process.cwd(), path);
  const [text, { parseClusterFile }] = await Promise.all([readText(absolute, path), import('./parse-cluster-file.ts')]);
  return parseClusterFile(text, { path, directory: dirname(absolute), allowEven: options.allowEven ?? false });
}

async function readText(absolute: string, path: string): Promise<string> {
  try {
    return await readFile(absolute, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    const reason = code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a directory' : `cannot be read (${code})`;
    throw new Failure('CLUSTER_FILE_MISSING', `${path} ${reason}`, {
      remedy: 'Name the file with -f FILE, or write one: trivet init --master IP … > cluster.yaml',
      cause: error,
    });
  }
}
