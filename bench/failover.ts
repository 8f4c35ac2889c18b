/**
 * How long clients wait when a machine loses its power, under every scheme, and beside them the files of seeds 000 and 001 (and
 * kube-vip, if it is there) on the same clusters in the same run. In half of the trials etcd's leader is on the lost master.
 * No trial is thrown away. A set that is run again replaces its earlier result.
 */

import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type KubernetesAccess, readKubeconfig } from '../src/kubernetes/kubeconfig.ts';
import { powerOn } from '../src/lab/power.ts';
import { type BenchLab, quiet, removeLab } from './parts/bench-lab.ts';
import { problems, untilWhole } from './parts/cluster-state.ts';
import { failoverSchema, type SetResult } from './parts/failover-result.ts';
import { type FailoverCluster, type FailoverSet, failoverClusters } from './parts/failover-sets.ts';
import { failoverTable } from './parts/failover-table.ts';
import { failoverTrial } from './parts/failover-trial.ts';
import { interruptible } from './parts/interruptible.ts';
import { nopreemptTrap } from './parts/nopreempt-trap.ts';
import { masterNames } from './parts/on-machine.ts';
import { loadResult, resultsDirectory, saveResult } from './parts/results.ts';
import { mendsOf } from './parts/seed-files.ts';
import { installSeed, restoreOwn, seedAvailable } from './parts/seed-install.ts';
import { surroundings } from './parts/surroundings.ts';
import { trivetSucceeds } from './parts/timed-run.ts';
import type { Variant } from './parts/variant.ts';
import { labWithVariant } from './parts/variant-lab.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string', default: 'bench-failover' },
    bundle: { type: 'string' },
    trials: { type: 'string', default: '10' },
    'seed-trials': { type: 'string', default: '3' },
    /** Names of sets, or beginnings of them; also as further arguments. Default: all. */
    only: { type: 'string', multiple: true, default: [] },
    keep: { type: 'boolean', default: false },
    results: { type: 'string', default: resultsDirectory },
    'limit-minutes': { type: 'string', default: '120' },
  },
});
const wanted = [...values.only, ...positionals];

interface Bench extends BenchLab {
  readonly access: KubernetesAccess;
  readonly variant: Variant;
  readonly signal: AbortSignal;
}

await interruptible(Number(values['limit-minutes']), async (signal) => {
  for (const { variant, sets } of chosen()) {
    console.error(`${new Date().toISOString().slice(11, 19)} a cluster for ${sets.map(({ name }) => name).join(', ')}`);
    const benchLab = await labWithVariant({ name: values.name, bundle: values.bundle, variant, keep: values.keep }, signal);
    try {
      const access = readKubeconfig((await trivetSucceeds(['kubeconfig', '-f', benchLab.clusterFile], signal)).stdout);
      for (const set of sets) await runSet(set, { ...benchLab, access, variant, signal });
    } finally {
      if (!benchLab.made || values.keep) await putBack(benchLab);
      await removeLab(benchLab, values.keep);
    }
  }
  console.log(failoverTable(failoverSchema.parse(await loadResult('failover', values.results))));
});

function chosen(): readonly FailoverCluster[] {
  const names = failoverClusters.flatMap(({ sets }) => sets.map(({ name }) => name));
  // A whole name means that set alone, though others begin with it.
  const means = (word: string, name: string) => (names.includes(word) ? name === word : name.startsWith(word));
  const isWanted = ({ name }: FailoverSet) => wanted.length === 0 || wanted.some((word) => means(word, name));
  const clusters = failoverClusters.map(({ variant, sets }) => ({
    variant,
    sets: sets.filter((set) => isWanted(set) && countOf(set) > 0),
  }));
  const unknown = wanted.filter((word) => !names.some((name) => means(word, name)));
  if (unknown.length > 0) throw new Error(`there is no set ${unknown.join(', ')}; there are: ${names.join(', ')}`);
  return clusters.filter(({ sets }) => sets.length > 0);
}

function countOf(set: FailoverSet): number {
  return Number(set.seed === undefined ? values.trials : values['seed-trials']);
}

async function runSet(set: FailoverSet, bench: Bench): Promise<void> {
  const on = await surroundings();
  const result: SetResult = { name: set.name, on, trials: [], failures: [], mends: set.seed === undefined ? [] : [...mendsOf(set.seed)] };
  if (set.seed !== undefined && !(await seedAvailable(set.seed))) {
    await saveSet({ ...result, mends: [], skipped: `there is no ${set.seed} on PATH, so it was not run` });
    return;
  }
  if (set.seed !== undefined) await installSeed(bench.lab, set.seed);
  await trials(set, bench, result);
  if (set.seed === '001-nopreempt') {
    result.trap = await nopreemptTrap(bench);
    console.error(`${set.name}: the trap: ${JSON.stringify(result.trap)}`);
  }
  if (set.seed !== undefined) result.afterwards = await ownAgain(bench);
  await saveSet(result);
}

async function trials(set: FailoverSet, bench: Bench, result: SetResult): Promise<void> {
  for (let trial = 1; trial <= countOf(set); trial++) {
    const started = performance.now();
    try {
      const done = await failoverTrial({ ...bench, set, trial });
      result.trials.push(done);
      const gaps = Object.entries(done.clients.gaps).map(([probe, { gapMs }]) => `${probe} ${gapMs.toFixed(0)}`);
      console.error(
        `${set.name} ${trial}: ${done.victim}${done.leaderThere ? ', leading etcd' : ''}: ${gaps.join(', ')}, watch ${done.clients.watch?.gapMs} ms (cut ${done.clients.watch?.slowestCutMs}), kubelet ${done.kubeletMs} ms; ${done.acknowledged} writes, ${done.lost} lost; healed in ${done.healedSeconds} s; ${((performance.now() - started) / 1000).toFixed(0)} s in all${done.error === undefined ? '' : `; ${done.error}`}`,
      );
    } catch (error) {
      bench.signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      result.failures.push({ trial, error: why });
      console.error(`${set.name} ${trial}: ${why}`);
      await allOn(bench);
    }
    await saveSet(result);
  }
}

async function saveSet(result: SetResult): Promise<void> {
  const earlier = failoverSchema.safeParse(await loadResult('failover', values.results)).data?.sets ?? [];
  await saveResult('failover', { sets: [...earlier.filter(({ name }) => name !== result.name), result] }, values.results);
}

async function allOn({ lab }: BenchLab): Promise<void> {
  for (const machine of lab.machines) await powerOn({ lab: lab.name, machine: machine.name, emit: quiet });
}

/** trivet's files back; `trivet up` must find nothing to do, and nothing be wrong. */
async function ownAgain({ lab, clusterFile, signal }: Bench): Promise<NonNullable<SetResult['afterwards']>> {
  await restoreOwn(lab);
  const masters = masterNames(lab).length;
  await untilWhole(clusterFile, masters, { deadlineSeconds: 120, settleSeconds: 3, signal });
  const up = await trivetSucceeds(['up', '-f', clusterFile, '-y', '-o', 'json'], signal);
  const { changed } = z.object({ changed: z.number() }).parse(JSON.parse(up.stdout));
  return { changed, problems: [...(await problems(clusterFile, masters, { signal }))] };
}

/** However the run ended. */
async function putBack(benchLab: BenchLab): Promise<void> {
  await allOn(benchLab);
  await restoreOwn(benchLab.lab);
}
