/** One trial: a machine loses its power while clients of every kind are at work; then it is powered on again and the cluster heals. */

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { judgeClients } from '../../src/drill/judge-clients.ts';
import { longestGap } from '../../src/drill/longest-gap.ts';
import { clientGoDefault } from '../../src/drill/probes/api-session.ts';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import type { ProbeKind } from '../../src/drill/probes/probe-plan.ts';
import type { KubernetesAccess } from '../../src/kubernetes/kubeconfig.ts';
import type { Lab } from '../../src/lab/lab-file.ts';
import { powerOn } from '../../src/lab/power.ts';
import { quiet } from './bench-lab.ts';
import { busiestForWorker, type EtcdLeader, etcdLeader, holderOfVip, moveEtcdLeader, ownPartStopped, untilWhole } from './cluster-state.ts';
import type { Trial } from './failover-result.ts';
import type { FailoverSet } from './failover-sets.ts';
import { masterNames, onMachine } from './on-machine.ts';
import { type Clients, patienceOfTrivet, powerCut, startClients, stopClients, untilServed } from './power-cut.ts';
import { isNodeLocal, reachOf, type Variant, variantSlug, vipMachines } from './variant.ts';
import { ensureWritesNamespace, judgeTrialWrites } from './written-back.ts';

const settleSeconds = 3;
const healSeconds = 300;
/** A watch through somebody else's balancer is given up by client-go after 45 s. */
const atMostMs = { own: 25_000, seed: 60_000 };
const clientKinds: readonly ProbeKind[] = ['new connections', 'linearizable reads', 'writes', 'reused connection', 'watch'];
const helperKinds: readonly ProbeKind[] = ['counter', 'kubelet'];

export interface TrialInput {
  readonly lab: Lab;
  readonly clusterFile: string;
  readonly access: KubernetesAccess;
  readonly variant: Variant;
  readonly set: FailoverSet;
  readonly trial: number;
  readonly signal: AbortSignal;
}

/** Starts from a whole cluster. An Error when no figures came out of it; a cluster that does not heal is in the trial's `error`. */
export async function failoverTrial(input: TrialInput): Promise<Trial> {
  const { lab, set, signal, trial } = input;
  await whole(input, 0);
  const victim = await victimOf(input);
  const survivor = masterNames(lab).find((name) => name !== victim) ?? '';
  await ensureWritesNamespace(lab, survivor);
  // client-go waits longer (up to a minute) before it watches again when it lost a watch less than two minutes ago, as in the trial before.
  await onMachine(lab, 'w1', 'systemctl restart kubelet');
  const before = masterNames(lab).includes(victim) ? await placeLeader(lab, trial % 2 === 1, victim, survivor) : undefined;
  const clients = clientsOf(input, clientKinds, helperKinds);
  const cut = await powerCut(clients, victim, set.seed === undefined ? atMostMs.own : atMostMs.seed, signal);
  const after = await etcdLeader(lab, survivor).catch(() => undefined);
  const newHolder = await holderOfVip(lab, vipMachines(input.variant, lab)).catch(() => undefined);
  const outside = judgeClients('outside', cut.outside, cut.times);
  const main = clients.worker.length === 0 ? outside : judgeClients('worker', cut.worker, cut.times);
  const kubeletMs = outside.gaps.kubelet?.gapMs;
  return {
    trial,
    victim,
    ...(newHolder === undefined ? {} : { newHolder }),
    leaderThere: before?.machine === victim,
    ...(before === undefined ? {} : { termBefore: before.term }),
    ...(after === undefined ? {} : { termAfter: after.term }),
    // Through JSON, as it will be read.
    clients: JSON.parse(JSON.stringify(main)),
    ...(kubeletMs === undefined ? {} : { kubeletMs }),
    ...(await judgeTrialWrites(lab, survivor, clients.run, [...cut.outside, ...cut.worker])),
    ...(await heal(input, victim)),
  };
}

async function whole({ lab, clusterFile, set, signal }: TrialInput, settleSeconds: number): Promise<void> {
  const ignore = set.seed === undefined ? {} : { ignore: ownPartStopped };
  await untilWhole(clusterFile, masterNames(lab).length, { deadlineSeconds: healSeconds, settleSeconds, signal, ...ignore });
}

async function victimOf({ lab, set, trial, variant }: TrialInput): Promise<string> {
  if (set.fault === 'holder') return holderOfVip(lab, vipMachines(variant, lab));
  // Behind a balancer of the worker's own: where the worker's kubelet most likely is.
  if (isNodeLocal(variant)) return busiestForWorker(lab);
  return masterNames(lab)[trial % masterNames(lab).length] ?? '';
}

/** Where the endpoint is each machine's own, the clients that count stand on the worker. */
function clientsOf({ lab, access, variant, set, trial }: TrialInput, kinds: readonly ProbeKind[], helpers: readonly ProbeKind[]): Clients {
  const onWorker = isNodeLocal(variant);
  return {
    lab: lab.name,
    access,
    reach: reachOf(variant, lab),
    patience: set.seed === undefined ? patienceOfTrivet : clientGoDefault,
    run: `${set.seed ?? variantSlug(variant).slice(0, 30)}-${trial}-${randomBytes(3).toString('hex')}`,
    outside: onWorker ? helpers : [...kinds, ...helpers],
    worker: onWorker ? kinds : [],
  };
}

/** Puts etcd's leader on the victim, or away from it, and looks again: leadership may wander. */
async function placeLeader(lab: Lab, wanted: boolean, victim: string, survivor: string): Promise<EtcdLeader> {
  const { machine } = await etcdLeader(lab, survivor);
  if (wanted) await moveEtcdLeader(lab, victim);
  else if (machine === victim) await moveEtcdLeader(lab, survivor);
  await delay(1000);
  return etcdLeader(lab, survivor);
}

/** Powers the machine on, with a client looking on, and waits until the cluster is whole and settled. */
async function heal(input: TrialInput, machine: string): Promise<Pick<Trial, 'healedSeconds' | 'returnGapMs' | 'error'>> {
  const { lab, signal } = input;
  const running = startClients(clientsOf(input, ['new connections'], []));
  try {
    await untilServed(running, signal);
    const startMs = monotonicMs();
    await powerOn({ lab: lab.name, machine, emit: quiet, signal });
    await whole(input, settleSeconds);
    const window = { startMs, endMs: monotonicMs() };
    const events = await (running.worker ?? running.outside).probes.stop();
    await running.outside.probes.stop();
    const { lengthMs } = longestGap(
      events.filter((event) => event.probe === 'new connections'),
      window,
    );
    return { healedSeconds: round((window.endMs - startMs) / 1000 - settleSeconds), returnGapMs: round(lengthMs) };
  } catch (error) {
    signal.throwIfAborted();
    await stopClients(running);
    return { error: `healing: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
