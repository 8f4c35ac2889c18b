/** Makes the tables of bench/README.md from bench/results: `node bench/table.ts` prints them, `--write` puts them in. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../src/local/package-root.ts';
import { bringUpSchema, bringUpTable } from './parts/bring-up-result.ts';
import { careSchema } from './parts/care-result.ts';
import { careStartSchema, careStartTable } from './parts/care-start-result.ts';
import { careTable } from './parts/care-table.ts';
import { dashboardSchema, dashboardTable } from './parts/dashboard-result.ts';
import { drillProbingSchema, drillProbingTable } from './parts/drill-probing-result.ts';
import { drillReportSchema, drillReportTable } from './parts/drill-report-result.ts';
import { failoverSchema } from './parts/failover-result.ts';
import { failoverTable } from './parts/failover-table.ts';
import { idleSchema, idleTable } from './parts/idle-result.ts';
import { loadResult, resultsDirectory } from './parts/results.ts';

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, results: { type: 'string', default: resultsDirectory } },
});

const tables = {
  'bring-up': (result: unknown) => bringUpTable(bringUpSchema.parse(result)),
  idle: (result: unknown) => idleTable(idleSchema.parse(result)),
  'care-start': (result: unknown) => careStartTable(careStartSchema.parse(result)),
  care: (result: unknown) => careTable(careSchema.parse(result)),
  dashboard: (result: unknown) => dashboardTable(dashboardSchema.parse(result)),
  'drill-probing': (result: unknown) => drillProbingTable(drillProbingSchema.parse(result)),
  'drill-report': (result: unknown) => drillReportTable(drillReportSchema.parse(result)),
  failover: (result: unknown) => {
    const { data } = failoverSchema.safeParse(result);
    return data === undefined ? undefined : failoverTable(data);
  },
};

const readme = join(packageRoot(), 'bench', 'README.md');
let text = await readFile(readme, 'utf8');
for (const [name, table] of Object.entries(tables)) {
  const result = await loadResult(name, values.results);
  // A table of results that an earlier form of the benchmark recorded stays as it is until the next run.
  const content = result === undefined ? 'Not run yet.' : table(result);
  if (content === undefined) continue;
  if (!values.write) console.log(`## ${name}\n\n${content}\n`);
  text = text.replace(new RegExp(`(<!-- begin ${name} -->\n)[^]*?(<!-- end ${name} -->)`), (_, begin, end) => `${begin}${content}\n${end}`);
}
if (values.write) await writeFile(readme, text);
