/** One fault of one backend, seen by clients on the node and told by the guard's own log. */

import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import type { ProbeEvent } from '../../src/drill/probes/probe-event.ts';
import { addressOf, type LogLine } from './care-daemon.ts';
import { type HeldConnections, holdConnections } from './care-held.ts';
import { type CareLab, careMasters, careNode, careVip, httpsPort } from './care-lab.ts';
import { probeVip } from './care-probes.ts';
import type { CareFault, CareGuardKind, CareTrial } from './care-result.ts';

export interface Guard {
  readonly kind: CareGuardKind;
  /** Resolves when all backends get connections. */
  readonly whole: () => Promise<void>;
  /** Empty: it says nothing that can be timed. */
  readonly log: (sinceMs: number) => Promise<readonly LogLine[]>;
  /** For how long clients are watched after a fault. */
  readonly watchMs: number;
}

export interface TrialInput {
  readonly care: CareLab;
  readonly guard: Guard;
  readonly fault: CareFault;
  readonly trial: number;
  readonly signal: AbortSignal;
}

const clients = 9;
const warmMs = 700;
/** A backend that falls thrice within 60 s is held down: with three of them in turn, this is slow enough. */
const leastMs = 11_000;
/** A new request that waits for longer had met the dead backend: a retransmitted SYN comes after a second. */
const slowMs = 500;

/** Leaves everything as it was. */
export async function careTrial({ care, guard, fault, trial, signal }: TrialInput): Promise<CareTrial> {
  const startedMs = monotonicMs();
  const victim = careMasters[(trial - 1) % careMasters.length] ?? careMasters[0];
  await guard.whole();
  const held = await holdOn(care, victim, signal);
  const probes = probeVip(care, Math.min(guard.watchMs, 10_000));
  try {
    await delay(warmMs, undefined, { signal });
    const heldThere = new Set([...held.open()].filter(([, backend]) => backend === victim).map(([client]) => client));
    const atMs = monotonicMs();
    await inject(care, fault, victim);
    await delay(guard.watchMs, undefined, { signal });
    const events = await probes.stop();
    const ends = held.events.flatMap((event) =>
      event.kind === 'ended' && event.backend === victim && event.atMs >= atMs && heldThere.has(event.client) ? [event.atMs - atMs] : [],
    );
    const log = await guard.log(atMs);
    return {
      guard: guard.kind,
      fault,
      trial,
      victim,
      ...toldBy(log, `${addressOf(care, victim)}:${httpsPort}`, atMs),
      ...seenBy(events, atMs),
      held: heldThere.size,
      cut: ends.length,
      ...(ends.length === 0 ? {} : { slowestCutMs: Math.max(...ends) }),
    };
  } finally {
    await probes.stop().catch(() => undefined);
    await held.close();
    await heal(care, fault, victim);
    await guard.whole();
    await delay(Math.max(0, leastMs - (monotonicMs() - startedMs)), undefined, { signal }).catch(() => undefined);
  }
}

/** At least one of the connections is with the victim. */
async function holdOn(care: CareLab, victim: string, signal: AbortSignal): Promise<HeldConnections> {
  for (let tries = 0; tries < 5; tries++) {
    const plan = { host: careVip, port: httpsPort, count: clients, ca: care.certificates.ca, idle: care.idle };
    const held = holdConnections(care.lab.name, careNode, plan);
    for (const deadlineMs = monotonicMs() + 10_000; held.open().size < clients && monotonicMs() < deadlineMs; )
      await delay(20, undefined, { signal });
    if ([...held.open().values()].includes(victim)) return held;
    await held.close();
  }
  throw new Error(`no connection through ${careVip} reaches ${victim}`);
}

async function inject(care: CareLab, fault: CareFault, victim: string): Promise<void> {
  if (fault === 'black hole') await care.cutOff(victim);
  else care.backend(victim).signal(fault === 'killed' ? 'SIGKILL' : 'SIGSTOP');
}

async function heal(care: CareLab, fault: CareFault, victim: string): Promise<void> {
  if (fault === 'black hole') await care.plugIn(victim);
  else if (fault === 'frozen') care.backend(victim).signal('SIGCONT');
  else await care.restart(victim);
}

function toldBy(log: readonly LogLine[], backend: string, atMs: number): Pick<CareTrial, 'downMs' | 'outOfTableMs'> {
  const down = log.find((line) => line.backend === backend && line.to === 'DOWN');
  const without = log.find(({ message }) => message.startsWith('table: ') && !message.split(' ').includes(`${backend}=1`));
  return {
    ...(down === undefined ? {} : { downMs: down.ms - atMs }),
    ...(without === undefined ? {} : { outOfTableMs: without.ms - atMs }),
  };
}

/** Of all new requests that began at or after the fault, or were under way then. */
export function seenBy(
  all: readonly ProbeEvent[],
  atMs: number,
): Pick<CareTrial, 'lastTroubleMs' | 'longestWaitMs' | 'attempts' | 'failed' | 'ownDelayMs'> {
  const events = all.filter(({ probe, endedMs }) => probe === 'new connections' && endedMs >= atMs);
  const good = events.filter(({ ok }) => ok).toSorted((a, b) => a.startedMs - b.startedMs);
  const servedMs = ({ ok, endedMs }: ProbeEvent): number =>
    ok ? endedMs : (good.find(({ startedMs }) => startedMs >= endedMs)?.endedMs ?? Number.POSITIVE_INFINITY);
  const waits = events.map((event) => Math.min(servedMs(event), lastMs(events)) - Math.max(event.startedMs, atMs));
  const trouble = events
    .filter(({ ok, startedMs, endedMs }) => !ok || endedMs - startedMs > slowMs)
    .map(({ startedMs }) => startedMs - atMs);
  const delays = all
    .filter(({ probe, endedMs }) => probe === 'own delay' && endedMs >= atMs)
    .map(({ startedMs, endedMs }) => endedMs - startedMs);
  return {
    lastTroubleMs: Math.max(0, ...trouble),
    longestWaitMs: Math.max(0, ...waits),
    attempts: events.length,
    failed: events.filter(({ ok }) => !ok).length,
    ownDelayMs: Math.max(0, ...delays),
  };
}

/** Who was never served waited until the end at least. */
function lastMs(events: readonly ProbeEvent[]): number {
  return Math.max(...events.map(({ endedMs }) => endedMs));
}
