/** One trial: the machine that holds the VIP loses its power while probes run; then it is powered on again and the cluster heals. */

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { longestGap, type Window } from '../../src/drill/longest-gap.ts';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import type { ProbeEvent } from '../../src/drill/probes/probe-event.ts';
import type { KubernetesAccess } from '../../src/kubernetes/kubeconfig.ts';
import type { Lab } from '../../src/lab/lab-file.ts';
import { powerOff, powerOn } from '../../src/lab/power.ts';
import { quiet } from './bench-lab.ts';
import { eventsOf, saveRecording, startBenchProbes, untilServed } from './bench-probes.ts';
import { etcdLeader, holderOfVip, moveEtcdLeader, untilWhole } from './cluster-state.ts';
import type { Trial } from './failover-result.ts';
import { masterNames } from './on-machine.ts';
import { ensureWritesNamespace, judgeTrialWrites } from './written-back.ts';

const beforeMs = 3000;
const afterMs = 12_000;
const settleSeconds = 5;
const healSeconds = 300;
const probes = ['new connections', 'writes'] as const;

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
  await ensureWritesNamespace(lab, survivor);
  const before = await placeLeader(input, holder, survivor);
  const run = `${input.variant}-${input.trial}-${randomBytes(3).toString('hex')}`;
  const recorded = await record(input, holder, run);
  await saveRecording(run, recorded.events);
  const after = await etcdLeader(lab, survivor).catch(() => undefined);
  const newHolder = await holderOfVip(lab).catch(() => undefined);
  const verdict = await judgeTrialWrites(lab, survivor, run, recorded.events);
  const delays = eventsOf(recorded.events, 'own delay').filter((event) => event.endedMs >= recorded.window.startMs);
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
  const running = startBenchProbes({ lab: lab.name, access, run, probes: [...probes] });
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
  const running = startBenchProbes({ lab: lab.name, access, run: 'return', probes: ['new connections'] });
  try {
    await untilServed(running, ['new connections'], signal);
    const startMs = monotonicMs();
    await powerOn({ lab: lab.name, machine, emit: quiet, signal });
    await untilWhole(clusterFile, masterNames(lab).length, { deadlineSeconds: healSeconds, settleSeconds, signal });
    const endMs = monotonicMs();
    const events = await running.stop();
    const { lengthMs } = longestGap(eventsOf(events, 'new connections'), { startMs, endMs });
    return { healedSeconds: round((endMs - startMs) / 1000 - settleSeconds), returnGapMs: round(lengthMs) };
  } catch (error) {
    signal.throwIfAborted();
    await running.stop().catch(() => undefined);
    return { error: `healing: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function gap({ events, window, cutMs }: Recorded, probe: string): Trial['livez'] {
  const all = eventsOf(events, probe).filter((event) => event.startedMs >= window.startMs && event.startedMs <= window.endMs);
  const { lengthMs, lastSuccessMs, firstSuccessMs } = longestGap(eventsOf(events, probe), window);
  return {
    gapMs: round(lengthMs),
    ...(lastSuccessMs === undefined ? {} : { atMs: round(lastSuccessMs - cutMs) }),
    ...(firstSuccessMs === undefined ? {} : { endAtMs: round(firstSuccessMs - cutMs) }),
    attempts: all.length,
    failed: all.filter((event) => !event.ok).length,
  };
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
