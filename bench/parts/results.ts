/** bench/results/NAME.json: the raw figures of the last real run, from which the tables are made. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../src/local/package-root.ts';

export const resultsDirectory = join(packageRoot(), 'bench', 'results');

/** The path that was written. */
export async function saveResult(name: string, result: unknown, directory: string = resultsDirectory): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${name}.json`);
  await writeFile(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
}

/** undefined when it was never run. */
export async function loadResult(name: string, directory: string = resultsDirectory): Promise<unknown> {
  const text = await readFile(join(directory, `${name}.json`), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
