/**
 * Bring-up of three masters and a worker on minimal machines: `trivet up` against by-hand.sh, which does the same one machine
 * after another. A new lab for each run; the order alternates. From the start of the program to its end: both end when all
 * nodes are Ready and the VIP answers.
 */

import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { defaultBundlePath } from '../src/bundle/bundle-paths.ts';
import { enterLab } from '../src/lab/run-in-lab.ts';
import { packageRoot } from '../src/local/package-root.ts';
import { type BenchLab, freshLab, removeLab } from './parts/bench-lab.ts';
import { type BringUpRun, bringUpTable } from './parts/bring-up-result.ts';
import { writeByHandFolder } from './parts/by-hand-folder.ts';
import { interruptible } from './parts/interruptible.ts';
import { apiStatus, onMachine } from './parts/on-machine.ts';
import { resultsDirectory, saveResult } from './parts/results.ts';
import { surroundings } from './parts/surroundings.ts';
import { type TimedRun, timedRun, trivetProgram, trivetSucceeds } from './parts/timed-run.ts';

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'bench-up' },
    bundle: { type: 'string' },
    runs: { type: 'string', default: '2' },
    /** Only one of them, to try it. */
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    results: { type: 'string', default: resultsDirectory },
    'limit-minutes': { type: 'string', default: '60' },
  },
});
/** For the machines to come to rest after their boot. */
const restSeconds = 10;
const bundle = values.bundle ?? defaultBundlePath();

await interruptible(Number(values['limit-minutes']), async (signal) => {
  await trivetSucceeds(['--version'], signal);
  const on = await surroundings();
  const runs: BringUpRun[] = [];
  for (const [index, peer] of order(Number(values.runs)).entries()) {
    console.error(`run ${index + 1}: ${peer}`);
    runs.push({ run: index + 1, peer, ...(await oneRun(peer, signal)) });
    console.error(`  ${runs.at(-1)?.seconds.toFixed(1)} s`);
    await saveResult('bring-up', { on, runs }, values.results);
  }
  console.log(bringUpTable({ on, runs }));
});

/** t b b t t b …: neither always comes second. */
function order(count: number): readonly BringUpRun['peer'][] {
  const pairs = Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? (['trivet', 'by hand'] as const) : (['by hand', 'trivet'] as const),
  );
  return pairs.flat().filter((peer) => values.only === undefined || peer === values.only);
}

async function oneRun(peer: BringUpRun['peer'], signal: AbortSignal): Promise<Omit<BringUpRun, 'peer' | 'run'>> {
  const benchLab = await freshLab({ name: values.name, bundle }, signal);
  try {
    await delay(restSeconds * 1000, undefined, { signal });
    await readWhole(bundle);
    const run =
      peer === 'trivet' ? await timedRun([trivetProgram, 'up', '-f', benchLab.clusterFile, '-y'], signal) : await byHand(benchLab, signal);
    if (run.code !== 0) throw new Error(`${peer} ended with status ${run.code}:\n${run.stdout}\n${run.stderr}`);
    return { seconds: run.seconds, ...(await ended(benchLab)), memory: run.memory };
  } finally {
    await removeLab(benchLab, values.keep);
  }
}

async function byHand(benchLab: BenchLab, signal: AbortSignal): Promise<TimedRun> {
  const folder = join(tmpdir(), `trivet-by-hand-${values.name}`);
  try {
    await writeByHandFolder(folder, benchLab, signal);
    return await timedRun(enterLab(benchLab.lab.name, ['sh', join(packageRoot(), 'bench', 'by-hand.sh'), folder]), signal);
  } finally {
    // In the end it holds the join's token and key.
    await rm(folder, { recursive: true, force: true });
  }
}

/** What either left behind, looked at in the same way. */
async function ended({ lab }: BenchLab): Promise<Pick<BringUpRun, 'readyNodes' | 'endpoint'>> {
  const endpoint = await apiStatus(lab, 'readyz');
  const nodes = await onMachine(lab, 'm1', 'kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes --no-headers');
  return { endpoint, readyNodes: nodes.split('\n').filter((line) => / Ready /.test(line)).length };
}

/** Both read the bundle from memory, whoever comes first. */
async function readWhole(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await readFile(join(entry.parentPath, entry.name));
  }
}
