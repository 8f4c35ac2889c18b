/** One trial: the machine that holds the VIP loses its power while probes run; then it is powered on again and the cluster heals. */

import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { judgeWrites } from '../../src/drill/judge-writes.ts';
import { longestGap, type Window } from '../../src/drill/longest-gap.ts';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import type { ProbeEvent } from '../../src/drill/probes/probe-event.ts';
import type { ProbePlan } from '../../src/drill/probes/probe-plan.ts';
import { type RunningProbes, startProbes } from '../../src/drill/probes/start-probes.ts';
import { runLabel } from '../../src/drill/probes/write-probe.ts';
import type { KubernetesAccess } from '../../src/kubernetes/kubeconfig.ts';
import type { Lab } from '../../src/lab/lab-file.ts';
import { labNetwork } from '../../src/lab/lab-plan.ts';
import { powerOff, powerOn } from '../../src/lab/power.ts';
import { enterLab } from '../../src/lab/run-in-lab.ts';
import { stateDirectory } from '../../src/local/directories.ts';
import { quiet } from './bench-lab.ts';
import { etcdLeader, holderOfVip, moveEtcdLeader, untilWhole } from './cluster-state.ts';
import type { Trial } from './failover-result.ts';
import { masterNames, onMachine } from './on-machine.ts';

const beforeMs = 3000;
const afterMs = 12_000;
const settleSeconds = 5;
const healSeconds = 300;
const namespace = 'trivet-bench';
const probes = ['new connections', 'writes'] as const;
const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf';

export interface TrialInput {
  readonly lab: Lab;
  readonly clusterFile: string;
  readonly access: KubernetesAccess;
  readonly variant: string;
  readonly trial: number;
  /** Whether etcd's leader is put on the holder, or away from it. */
  readonly leaderWanted: boolean;
  readonly signal: AbortSignal;
}

/** Starts from a whole cluster. An Error when no figures came out of it; a cluster that does not heal is in the trial's `error`. */
export async function failoverTrial(input: TrialInput): Promise<Trial> {
  const { lab, signal } = input;
  await untilWhole(input.clusterFile, masterNames(lab).length, { deadlineSeconds: healSeconds, settleSeconds, signal });
  const holder = await holderOfVip(lab);
  const survivor = masterNames(lab).find((name) => name !== holder) ?? '';
  await onMachine(lab, survivor, `${kubectl} get namespace ${namespace} > /dev/null 2>&1 || ${kubectl} create namespace ${namespace}`);
  const before = await placeLeader(input, holder, survivor);
  const run = `${input.variant}-${input.trial}-${randomBytes(3).toString('hex')}`;
  const recorded = await record(input, holder, run);
  await save(run, recorded.events);
  const after = await etcdLeader(lab, survivor).catch(() => undefined);
  const newHolder = await holderOfVip(lab).catch(() => undefined);
  const verdict = await judge(lab, survivor, run, recorded.events);
  const delays = of(recorded.events, 'own delay').filter((event) => event.endedMs >= recorded.window.startMs);
  return {
    variant: input.variant,
    trial: input.trial,
    holder,
    ...(newHolder === undefined ? {} : { newHolder }),
    leaderWanted: input.leaderWanted,
    leaderThere: before.machine === holder,
    termBefore: before.term,
    ...(after === undefined ? {} : { termAfter: after.term }),
    livez: gap(recorded, 'new connections'),
    writes: gap(recorded, 'writes'),
    ownDelayMs: Math.max(0, ...delays.map((event) => event.endedMs - event.startedMs)),
    ...verdict,
    ...(await heal(input, holder)),
  };
}

/** Looked at again after the move: leadership may wander. */
async function placeLeader({ lab, leaderWanted }: TrialInput, holder: string, survivor: string) {
  const { machine } = await etcdLeader(lab, survivor);
  if (leaderWanted) await moveEtcdLeader(lab, holder);
  else if (machine === holder) await moveEtcdLeader(lab, survivor);
  await delay(2000);
  return etcdLeader(lab, survivor);
}

interface Recorded {
  readonly events: readonly ProbeEvent[];
  readonly window: Window;
  /** When the machine was cut off. */
  readonly cutMs: number;
}

async function record({ lab, access, signal }: TrialInput, holder: string, run: string): Promise<Recorded> {
  const running = startProbes(probePlan(access, run, [...probes]), enterLab(lab.name, []));
  try {
    await untilServed(running, probes, signal);
    const startMs = monotonicMs();
    await delay(beforeMs, undefined, { signal });
    let cutMs = monotonicMs();
    const emit: typeof quiet = (event) => {
      if (event.kind === 'progress' && event.message.includes('cut off')) cutMs = monotonicMs();
    };
    await powerOff({ lab: lab.name, machine: holder, emit });
    await delay(afterMs, undefined, { signal });
    const window = { startMs, endMs: monotonicMs() };
    return { events: await running.stop(), window, cutMs };
  } catch (error) {
    await running.stop().catch(() => undefined);
    throw error;
  }
}

/** Powers the machine on, with a client looking on, and waits until the cluster is whole and settled. */
async function heal(
  { lab, clusterFile, access, signal }: TrialInput,
  machine: string,
): Promise<Pick<Trial, 'healedSeconds' | 'returnGapMs' | 'error'>> {
  const running = startProbes({ ...probePlan(access, 'return', ['new connections']), maximumSeconds: 600 }, enterLab(lab.name, []));
  try {
    await untilServed(running, ['new connections'], signal);
    const startMs = monotonicMs();
    await powerOn({ lab: lab.name, machine, emit: quiet, signal });
    await untilWhole(clusterFile, masterNames(lab).length, { deadlineSeconds: healSeconds, settleSeconds, signal });
    const endMs = monotonicMs();
    const events = await running.stop();
    const { lengthMs } = longestGap(of(events, 'new connections'), { startMs, endMs });
    return { healedSeconds: round((endMs - startMs) / 1000 - settleSeconds), returnGapMs: round(lengthMs) };
  } catch (error) {
    signal.throwIfAborted();
    await running.stop().catch(() => undefined);
    return { error: `healing: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function probePlan(access: KubernetesAccess, run: string, list: ProbePlan['probes']): ProbePlan {
  return {
    from: "the lab's switch",
    api: { address: labNetwork.vip, port: 6443, ca: access.ca, cert: access.cert, key: access.key.reveal() },
    probes: list,
    everyMs: 50,
    timeoutMs: 1000,
    maximumSeconds: 120,
    namespace,
    run,
  };
}

/** Starting Node takes a moment: the window begins when every client has been served for a while. */
async function untilServed(running: RunningProbes, names: readonly string[], signal: AbortSignal): Promise<void> {
  const served = () => names.every((name) => of(running.events, name).filter((event) => event.ok).length >= 20);
  for (let waited = 0; !served(); waited++) {
    if (waited > 300) throw new Error('the probes were not served within 30 s');
    await delay(100, undefined, { signal });
  }
}

function gap({ events, window, cutMs }: Recorded, probe: string): Trial['livez'] {
  const all = of(events, probe).filter((event) => event.startedMs >= window.startMs && event.startedMs <= window.endMs);
  const { lengthMs, lastSuccessMs, firstSuccessMs } = longestGap(of(events, probe), window);
  return {
    gapMs: round(lengthMs),
    ...(lastSuccessMs === undefined ? {} : { atMs: round(lastSuccessMs - cutMs) }),
    ...(firstSuccessMs === undefined ? {} : { endAtMs: round(firstSuccessMs - cutMs) }),
    attempts: all.length,
    failed: all.filter((event) => !event.ok).length,
  };
}

/** Twice, as the first answer may be an apiserver's that has just lost its etcd; without an answer the gaps still count. */
async function judge(lab: Lab, machine: string, run: string, events: readonly ProbeEvent[]): Promise<Pick<Trial, 'acknowledged' | 'lost'>> {
  const numbers = await readBack(lab, machine, run).catch(() => readBack(lab, machine, run).catch(() => undefined));
  const verdict = judgeWrites(of(events, 'writes'), numbers ?? new Set());
  return { acknowledged: verdict.acknowledged, ...(numbers === undefined ? {} : { lost: verdict.lost.length }) };
}

/** Numbers of the run's writes that are there; then they are removed. */
async function readBack(lab: Lab, machine: string, run: string): Promise<ReadonlySet<number>> {
  const list = `${kubectl} -n ${namespace} get configmaps -l ${runLabel}=${run} -o 'jsonpath={.items[*].data.number}'`;
  const numbers = (await onMachine(lab, machine, list)).split(/\s+/).filter(Boolean).map(Number);
  // As one request: kubectl by itself would send hundreds.
  const collection = `/api/v1/namespaces/${namespace}/configmaps?labelSelector=${encodeURIComponent(`${runLabel}=${run}`)}`;
  await onMachine(lab, machine, `${kubectl} delete --raw '${collection}' > /dev/null`);
  return new Set(numbers);
}

/** The recording can be judged again. */
async function save(run: string, events: readonly ProbeEvent[]): Promise<void> {
  const directory = join(stateDirectory(), 'logs');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, `bench-failover-${run}.ndjson`), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

function of(events: readonly ProbeEvent[], probe: string): readonly ProbeEvent[] {
  return events.filter((event) => event.probe === probe);
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
