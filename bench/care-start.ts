/** How long the one executable takes to start in care mode, against the bare Node that is in it. Needs no lab. */

import { parseArgs } from 'node:util';
import { careExecutable } from '../src/bundle/care-executable.ts';
import { careStartTable } from './parts/care-start-result.ts';
import { careStarts } from './parts/care-starts.ts';
import { interruptible } from './parts/interruptible.ts';
import { resultsDirectory, saveResult } from './parts/results.ts';
import { surroundings } from './parts/surroundings.ts';

const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '20' },
    results: { type: 'string', default: resultsDirectory },
    'limit-minutes': { type: 'string', default: '5' },
  },
});

await interruptible(Number(values['limit-minutes']), async (signal) => {
  const on = await surroundings();
  const { path, bytes, sha256 } = await careExecutable({ signal });
  const result = { on, executable: { bytes, sha256 }, starts: await careStarts(path, Number(values.starts), signal) };
  await saveResult('care-start', result, values.results);
  console.log(careStartTable(result));
});
