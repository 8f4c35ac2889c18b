/** One machine lost under clients of every kind, judged, and powered on again until the cluster is healthy. */

import { busiestForWorker, holderOfVip, untilWhole } from '../../../bench/parts/cluster-state.ts';
import { saveLossRecording } from '../../../bench/parts/loss-recording.ts';
import type { LossResult } from '../../../bench/parts/matrix-result.ts';
import { patienceOfTrivet, powerCut } from '../../../bench/parts/power-cut.ts';
import { isNodeLocal, reachOf, type Variant, vipMachines } from '../../../bench/parts/variant.ts';
import { ensureWritesNamespace, writesNamespace } from '../../../bench/parts/written-back.ts';
import { version } from '../../../src/cli/version.ts';
import { judgeClients } from '../../../src/drill/judge-clients.ts';
import { judgeWrites } from '../../../src/drill/judge-writes.ts';
import { monotonicMs } from '../../../src/drill/probes/monotonic.ts';
import type { ProbeKind } from '../../../src/drill/probes/probe-plan.ts';
import { runLabel } from '../../../src/drill/probes/write-probe.ts';
import { readKubeconfig } from '../../../src/kubernetes/kubeconfig.ts';
import type { Lab } from '../../../src/lab/lab-file.ts';
import { powerOn } from '../../../src/lab/power.ts';
import { emit, outputOf, trivetOk, until } from '../on-lab.ts';
import type { Loss } from './matrix-cases.ts';

export interface LossInput {
  readonly lab: Lab;
  readonly file: string;
  readonly variant: Variant;
  readonly loss: Loss;
}

const outsideKinds: readonly ProbeKind[] = [
  'new connections',
  'linearizable reads',
  'writes',
  'reused connection',
  'watch',
  'counter',
  'kubelet',
];
const workerKinds: readonly ProbeKind[] = ['new connections', 'reused connection', 'watch'];

/** Throws when there are no figures or the cluster does not heal. */
export async function lossUnderClients({ lab, file, variant, loss }: LossInput): Promise<LossResult> {
  const access = readKubeconfig(await trivetOk('kubeconfig', '-f', file));
  const victim = await victimOf(lab, variant, loss);
  const survivor = ['m1', 'm2', 'm3'].find((name) => name !== victim) ?? '';
  await ensureWritesNamespace(lab, survivor);
  const run = `t${Date.now().toString(36)}`;
  const clients = { lab: lab.name, access, reach: reachOf(variant, lab), patience: patienceOfTrivet, run };
  const cut = await powerCut({ ...clients, outside: outsideKinds, worker: workerKinds }, victim, 45_000);
  let there: ReadonlyMap<number, number> = new Map();
  await until('reading the writes back', 60, async () => {
    const admin = `kubectl --kubeconfig /etc/kubernetes/admin.conf -n ${writesNamespace} get configmaps -l ${runLabel}=${run}`;
    // Through any master's own apiserver, as the endpoint itself may be what is broken.
    const numbers = await outputOf(
      lab.name,
      survivor,
      `${admin} -o jsonpath='{range .items[*]}{.data.number} {.metadata.resourceVersion}{"\\n"}{end}'`,
    );
    there = new Map(numbers.split('\n').flatMap((line) => (/^\d+ \d+$/.test(line) ? [readPair(line)] : [])));
    return true;
  });
  const readBackMs = monotonicMs();
  const writes = judgeWrites(cut.outside, new Set(there.keys()));
  const outside = judgeClients('outside', cut.outside, cut.times);
  const worker = judgeClients('worker', cut.worker, cut.times);
  console.log(describe(victim, outside, worker));
  const started = performance.now();
  const poweredOnMs = monotonicMs();
  await powerOn({ lab: lab.name, machine: victim, emit });
  await untilWhole(file, 3, { deadlineSeconds: 240, settleSeconds: 2 });
  const healedSeconds = Math.round((performance.now() - started) / 1000) - 2;
  const recording = { lab, variant, trivet: version, victim, cut, outside: outsideKinds, worker: workerKinds, readBack: there, readBackMs };
  console.log(`  recording: ${saveLossRecording({ ...recording, poweredOnMs, wholeMs: monotonicMs(), now: new Date() })}`);
  // Through JSON, as it will be read.
  return {
    loss,
    victim,
    ...JSON.parse(JSON.stringify({ outside, worker })),
    acknowledged: writes.acknowledged,
    lost: [...writes.lost],
    healedSeconds,
  };
}

function readPair(line: string): readonly [number, number] {
  const [number, revision] = line.split(' ').map(Number);
  return [number ?? 0, revision ?? 0];
}

async function victimOf(lab: Lab, variant: Variant, loss: Loss): Promise<string> {
  const among = vipMachines(variant, lab);
  if (loss === 'holder') return holderOfVip(lab, among);
  // Through balancers of their own the worker's clients are most likely there; elsewhere any master serves as well.
  if (isNodeLocal(variant)) return busiestForWorker(lab);
  const holder = variant.scheme === 'vip-on-masters' ? await holderOfVip(lab, among) : undefined;
  return ['m2', 'm3', 'm1'].find((name) => name !== holder) ?? '';
}

function describe(victim: string, ...places: readonly ReturnType<typeof judgeClients>[]): string {
  const lines = places.map(({ from, gaps, watch, ownDelayMs }) => {
    const texts = Object.entries(gaps).map(([probe, { gapMs }]) => `${probe} ${(gapMs / 1000).toFixed(2)} s`);
    const cut =
      watch === undefined
        ? ''
        : `; watches: ${watch.cut} of ${watch.clients} cut, slowest after ${watch.slowestCutMs} ms, the ${watch.onVictim} of ${victim} after ${watch.slowestCutOnVictimMs} ms, silent for ${watch.gapMs} ms`;
    return `  ${from}: ${texts.join(', ')}${cut}; probes late by ${ownDelayMs} ms`;
  });
  return [`${victim} powered off; longest gaps:`, ...lines].join('\n');
}
