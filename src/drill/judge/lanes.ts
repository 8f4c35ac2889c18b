/** A recording sorted by who spoke: each client's attempts by themselves, and the fault's times. */

import type { ProbeEvent } from '../probes/probe-event.ts';
import { readWatchDetail } from '../probes/watch-probe.ts';
import type { RecordedLine, Recording } from '../recording/recording.ts';

export interface Attempt {
  readonly line: number;
  readonly event: ProbeEvent;
}

/** One client: of the watches there are several in one place. */
export interface Lane {
  readonly probe: string;
  readonly from: string;
  readonly client: string | undefined;
  /** In order of their ends. */
  readonly attempts: readonly Attempt[];
}

/** Says when the probing process itself was late; no client. */
export const ownDelay = 'own delay';

/** What is asked for most comes first; of the rest by name. */
const order = ['new connections', 'linearizable reads', 'writes', 'reused connection', 'watch', 'kubelet', 'application', 'dns'];

/** By probe, then by place (outside first), then by client. */
export function lanesOf(lines: readonly RecordedLine[]): readonly Lane[] {
  const lanes = new Map<string, Map<string, { readonly lane: Omit<Lane, 'attempts'>; readonly attempts: Attempt[] }>>();
  for (const { line, event } of lines) {
    if (event.kind !== 'probe') continue;
    const { probe, from } = event;
    const client = probe === 'watch' ? readWatchDetail(event)?.client : undefined;
    const key = client === undefined ? probe : `${probe} ${client}`;
    const places = lanes.get(key) ?? new Map();
    lanes.set(key, places);
    const found = places.get(from);
    if (found === undefined) places.set(from, { lane: { probe, from, client }, attempts: [{ line, event }] });
    else found.attempts.push({ line, event });
  }
  return [...lanes.values()]
    .flatMap((places) => [...places.values()].map(({ lane, attempts }): Lane => ({ ...lane, attempts })))
    .toSorted(
      (a, b) => rank(a) - rank(b) || compare(a.probe, b.probe) || place(a) - place(b) || compare(a.from, b.from) || compareClients(a, b),
    );
}

function rank({ probe }: Lane): number {
  const found = order.indexOf(probe);
  return probe === ownDelay ? order.length + 1 : found === -1 ? order.length : found;
}

function place({ from }: Lane): number {
  return from === 'outside' ? 0 : 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** w2 before w10. */
function compareClients({ client: a = '' }: Lane, { client: b = '' }: Lane): number {
  return a.length - b.length || compare(a, b);
}

/** Milliseconds since the recording's start, and lines. */
export interface FaultTimes {
  /** The first fault; undefined when none went in. */
  readonly injectedMs: number | undefined;
  /** The last one: with several, only then all are in. */
  readonly allInMs: number | undefined;
  /** The last healing after it; undefined while one is in. */
  readonly healedMs: number | undefined;
  /** The first healing. */
  readonly firstHealedMs: number | undefined;
  /** By name, as they went in: faults, and exercises of an application. */
  readonly faults: readonly string[];
  /** Machines that a fault was on. */
  readonly victims: readonly string[];
  /** «fault on host» of those that were never healed. */
  readonly unhealed: readonly string[];
  readonly lines: readonly number[];
}

export function faultTimes({ lines }: Recording): FaultTimes {
  const faults = lines.flatMap(({ line, event }) => (event.kind === 'fault' ? [{ line, event }] : []));
  const injected = faults.filter(({ event }) => event.state === 'injected');
  const healed = faults.filter(({ event }) => event.state === 'healed');
  const unhealed = injected.filter(
    (one) => !healed.some(({ event }) => event.fault === one.event.fault && event.host === one.event.host && event.atMs >= one.event.atMs),
  );
  return {
    injectedMs: injected[0]?.event.atMs,
    allInMs: injected.at(-1)?.event.atMs,
    healedMs: unhealed.length === 0 ? healed.at(-1)?.event.atMs : undefined,
    firstHealedMs: healed[0]?.event.atMs,
    faults: [...new Set(injected.map(({ event }) => event.fault))],
    victims: [...new Set(injected.map(({ event }) => event.host))],
    unhealed: unhealed.map(({ event }) => `${event.fault} on ${event.host}`),
    lines: faults.map(({ line }) => line),
  };
}

/** When the last attempt of any client ended: what follows was not probed. */
export function probedUntil(lanes: readonly Lane[]): number {
  return lanes.reduce((latestMs, { attempts }) => Math.max(latestMs, attempts.at(-1)?.event.endedMs ?? 0), 0);
}
