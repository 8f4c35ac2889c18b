/**
 * Makes docs/drill-results.md and the READMEs' table of what each scheme survives from bench/results/drills: `npm run drills:docs`.
 * `--take FILE…` takes recordings up first (from ~/.local/state/trivet/recordings): judged again, with what they were measured on;
 * `--ran-on COMMIT` when that was another commit than this one.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readRecording } from '../src/drill/recording/read-recording.ts';
import { jsonReport } from '../src/drill/report/json-report.ts';
import { judged } from '../src/drill/report/judged.ts';
import { packageRoot } from '../src/local/package-root.ts';
import { drillEvidence } from './parts/drill-evidence.ts';
import { drillPage } from './parts/drill-page.ts';
import { drillResultName, drillResultsDirectory, outcomeOf } from './parts/drill-result.ts';
import { saveResult } from './parts/results.ts';
import { surroundings } from './parts/surroundings.ts';
import { chinese, english, refutedClaims, survivedTable } from './parts/survived-table.ts';
import { withTable } from './parts/with-table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    take: { type: 'boolean', default: false },
    'ran-on': { type: 'string' },
    results: { type: 'string', default: drillResultsDirectory },
  },
});
if (!values.take && positionals.length > 0) throw new Error('recordings are taken up by --take FILE…');
if (values['ran-on'] !== undefined && positionals.length === 0)
  throw new Error('--ran-on COMMIT is of recordings that are taken up: --take FILE…');

for (const file of positionals) {
  const one = judged(await readRecording(file));
  const { header } = one.recording;
  // Bench machines are the same from day to day; how loaded the box was then is not known any more.
  const { load: _, ...here } = await surroundings();
  const on = { ...here, date: header.startedAt, commit: values['ran-on'] ?? here.commit };
  console.log(`${await saveResult(drillResultName(header), { on, ...jsonReport([one]) }, values.results)}: ${one.verdict.result}`);
}

const evidence = await drillEvidence(values.results);
await writeFile(join(packageRoot(), 'docs', 'drill-results.md'), drillPage(evidence));
for (const [name, words] of [
  ['README.md', english],
  ['README.zh-CN.md', chinese],
] as const) {
  const path = join(packageRoot(), name);
  await writeFile(path, withTable(await readFile(path, 'utf8'), 'drills', survivedTable(evidence, words)));
}
const outcomes = Map.groupBy(evidence.results, outcomeOf);
console.log(
  `${evidence.results.length} drills: ${[...outcomes].map(([outcome, { length }]) => `${length} ${outcome}`).join(', ') || 'none yet'}`,
);
const refuted = refutedClaims(evidence);
for (const claim of refuted) console.error(claim);
if (refuted.length > 0) process.exitCode = 1;
