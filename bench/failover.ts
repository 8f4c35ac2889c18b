/**
 * VIP failover after a power-off of the holder: trivet's own keepalived, then, on the same cluster and in the same run, the
 * keepalived files of seeds 000 and 001. Half of the trials have etcd's leader on the same machine. No trial is thrown away.
 */

import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type KubernetesAccess, readKubeconfig } from '../src/kubernetes/kubeconfig.ts';
import { powerOn } from '../src/lab/power.ts';
import { type BenchLab, labWithCluster, quiet, removeLab } from './parts/bench-lab.ts';
import { problems, untilWhole } from './parts/cluster-state.ts';
import { type Failover, failoverTable } from './parts/failover-result.ts';
import { failoverTrial } from './parts/failover-trial.ts';
import { interruptible } from './parts/interruptible.ts';
import { masterNames } from './parts/on-machine.ts';
import { resultsDirectory, saveResult } from './parts/results.ts';
import { installSeed, mendsOf, restoreOwn, seedVariants } from './parts/seed-keepalived.ts';
import { surroundings } from './parts/surroundings.ts';
import { trivetSucceeds } from './parts/timed-run.ts';

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'bench-failover' },
    bundle: { type: 'string' },
    trials: { type: 'string', default: '10' },
    'seed-trials': { type: 'string', default: '3' },
    keep: { type: 'boolean', default: false },
    results: { type: 'string', default: resultsDirectory },
    'limit-minutes': { type: 'string', default: '75' },
  },
});

await interruptible(Number(values['limit-minutes']), async (signal) => {
  const on = await surroundings();
  const benchLab = await labWithCluster({ name: values.name, bundle: values.bundle }, signal);
  const result: Failover = { on, trials: [], mends: {}, failures: [] };
  try {
    const access = readKubeconfig((await trivetSucceeds(['kubeconfig', '-f', benchLab.clusterFile], signal)).stdout);
    await trials(benchLab, access, 'trivet', Number(values.trials), result, signal);
    const seedTrials = Number(values['seed-trials']);
    for (const variant of seedTrials > 0 ? seedVariants : []) {
      result.mends[variant] = [...mendsOf(variant)];
      await installSeed(benchLab.lab, variant);
      await trials(benchLab, access, variant, seedTrials, result, signal);
    }
    if (seedTrials > 0) result.afterSeeds = await ownAgain(benchLab, signal);
    await saveResult('failover', result, values.results);
    console.log(failoverTable(result));
  } finally {
    await putBack(benchLab);
  }
});

async function trials(
  benchLab: BenchLab,
  access: KubernetesAccess,
  variant: string,
  count: number,
  result: Failover,
  signal: AbortSignal,
): Promise<void> {
  for (let trial = 1; trial <= count; trial++) {
    try {
      const done = await failoverTrial({ ...benchLab, access, variant, trial, leaderWanted: trial % 2 === 1, signal });
      result.trials.push(done);
      console.error(
        `${variant} ${trial}: ${done.holder}${done.leaderThere ? ', leading etcd' : ''}: /livez ${done.livez.gapMs} ms, writes ${done.writes.gapMs} ms; healed in ${done.healedSeconds} s${done.error === undefined ? '' : `; ${done.error}`}`,
      );
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      result.failures.push({ variant, trial, error: why });
      console.error(`${variant} ${trial}: ${why}`);
      await allOn(benchLab);
    }
    await saveResult('failover', result, values.results);
  }
}

async function allOn({ lab }: BenchLab): Promise<void> {
  for (const machine of lab.machines) await powerOn({ lab: lab.name, machine: machine.name, emit: quiet });
}

/** trivet's files back; `trivet up` must find nothing to do, and nothing be wrong. */
async function ownAgain({ lab, clusterFile }: BenchLab, signal?: AbortSignal): Promise<NonNullable<Failover['afterSeeds']>> {
  await restoreOwn(lab);
  const masters = masterNames(lab).length;
  await untilWhole(clusterFile, masters, { deadlineSeconds: 120, settleSeconds: 5, ...(signal === undefined ? {} : { signal }) });
  const up = await trivetSucceeds(['up', '-f', clusterFile, '-y', '-o', 'json'], signal);
  const { changed } = z.object({ changed: z.number() }).parse(JSON.parse(up.stdout));
  return { changed, problems: [...(await problems(clusterFile, masters, signal))] };
}

/** However the run ended. */
async function putBack(benchLab: BenchLab): Promise<void> {
  if (!benchLab.made || values.keep) {
    await allOn(benchLab);
    await restoreOwn(benchLab.lab);
  }
  await removeLab(benchLab, values.keep);
}
