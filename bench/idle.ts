/** `trivet up` with nothing to do on four machines, and what starting the program costs: `./trivet --version` against `node -e 0`. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { packageRoot } from '../src/local/package-root.ts';
import { labWithCluster, removeLab } from './parts/bench-lab.ts';
import { type Idle, idleTable } from './parts/idle-result.ts';
import { interruptible } from './parts/interruptible.ts';
import { resultsDirectory, saveResult } from './parts/results.ts';
import { surroundings } from './parts/surroundings.ts';
import { timedRun, trivetProgram, trivetSucceeds } from './parts/timed-run.ts';

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'bench-idle' },
    bundle: { type: 'string' },
    runs: { type: 'string', default: '5' },
    starts: { type: 'string', default: '20' },
    keep: { type: 'boolean', default: false },
    results: { type: 'string', default: resultsDirectory },
    'limit-minutes': { type: 'string', default: '30' },
  },
});
/** After the cluster was made or looked at. */
const restSeconds = 20;

await interruptible(Number(values['limit-minutes']), async (signal) => {
  const on = await surroundings();
  const version = await starts(Number(values.starts), signal);
  const benchLab = await labWithCluster({ name: values.name, bundle: values.bundle }, signal);
  try {
    await delay(restSeconds * 1000, undefined, { signal });
    const result = { on, up: await ups(benchLab.clusterFile, Number(values.runs), signal), version };
    await saveResult('idle', result, values.results);
    console.log(idleTable(result));
  } finally {
    await removeLab(benchLab, values.keep);
  }
});

async function ups(clusterFile: string, count: number, signal: AbortSignal): Promise<Idle['up']> {
  const runs: Idle['up'] = [];
  for (let run = 1; run <= count; run++) {
    const { stdout, seconds, memory } = await trivetSucceeds(['up', '-f', clusterFile, '-y', '-o', 'json'], signal);
    const { changed } = z.object({ changed: z.number() }).parse(JSON.parse(stdout));
    console.error(`up ${run}: ${seconds.toFixed(2)} s, ${changed} changes`);
    runs.push({ seconds, changed, memoryMb: memory.own });
  }
  return runs;
}

/** The Node that ./trivet itself uses. The first start of each is not counted: it may bundle, and warms the disk. */
async function starts(count: number, signal: AbortSignal): Promise<Idle['version']> {
  await trivetSucceeds(['--version'], signal);
  const node = (await readFile(join(packageRoot(), 'dist', '.node'), 'utf8')).trim();
  await timedRun([node, '-e', '0'], signal);
  const version: Idle['version'] = { trivet: [], node: [] };
  for (let run = 0; run < count; run++) {
    version.trivet.push((await timedRun([trivetProgram, '--version'], signal)).seconds);
    version.node.push((await timedRun([node, '-e', '0'], signal)).seconds);
  }
  return version;
}
