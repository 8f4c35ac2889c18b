/** All that the tables of drills are made of: the schemes' claims, the drills that try to refute them, and what was recorded. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeSchemes } from '../../src/cli/describe-schemes.ts';
import { drills } from '../../src/drill/drills/drills.ts';
import { loadDrillResults } from './drill-result.ts';
import { type MatrixResult, matrixResultSchema } from './matrix-result.ts';
import { resultsDirectory } from './results.ts';
import type { Evidence } from './survived-table.ts';

export async function drillEvidence(directory?: string): Promise<Evidence> {
  return { schemes: describeSchemes(), drills, results: await loadDrillResults(directory), matrix: await loadMatrix() };
}

async function loadMatrix(): Promise<readonly MatrixResult[]> {
  const directory = join(resultsDirectory, 'matrix');
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.json')).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  return texts.map((text) => matrixResultSchema.parse(JSON.parse(text)));
}
