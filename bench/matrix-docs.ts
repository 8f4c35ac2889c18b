/** Makes docs/matrix.md from the recorded results of `npm run test:matrix`: `npm run matrix:docs`. Nothing in it is typed. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../src/local/package-root.ts';
import { type MatrixResult, matrixResultSchema } from './parts/matrix-result.ts';
import { matrixPage } from './parts/matrix-table.ts';
import { resultsDirectory } from './parts/results.ts';

const { values } = parseArgs({
  options: {
    results: { type: 'string', default: join(resultsDirectory, 'matrix') },
    output: { type: 'string', default: join(packageRoot(), 'docs', 'matrix.md') },
  },
});

const names = (await readdir(values.results).catch(() => [])).filter((name) => name.endsWith('.json')).toSorted();
const results: MatrixResult[] = [];
for (const name of names) results.push(matrixResultSchema.parse(JSON.parse(await readFile(join(values.results, name), 'utf8'))));
await writeFile(values.output, matrixPage(results));
console.log(`${values.output}: ${results.length} cases, ${results.filter(({ failed }) => failed !== undefined).length} failed`);
