/** A recording as a drill of so many minutes would make it, simulated: probes 20 times a second in four places, an outage in the middle. */

import { drillRecorder } from '../../src/drill/recording/recorder.ts';
import type { RecordedEvent } from '../../src/model/event.ts';

export interface Simulation {
  readonly minutes: number;
  /** Probes that run 20 times a second in each place. */
  readonly probes: readonly string[];
  /** Watches of ten changes a second in each place. */
  readonly watches: number;
  /** Default a power-off of m1 under vip-on-masters/haproxy. `fault`: as the event has it; `host`: application for an exercise. */
  readonly of?: {
    readonly scheme: string;
    readonly drill: string;
    readonly fault: string;
    readonly host: string;
    /** How long new connections are not served. */
    readonly outMs: number;
  };
}

const places = ['outside', 'w1', 'm2', 'm3'];
const usual = { scheme: 'vip-on-masters/haproxy', drill: 'machine-power-off', fault: 'machine-power-off', host: 'm1', outMs: 600 } as const;

/** Writes it; gives the number of events. `random`: 0 to 1. */
export function simulateRecording(file: string, { minutes, probes, watches, of = usual }: Simulation, random: () => number): number {
  const endMs = minutes * 60_000;
  const faultMs = endMs / 2;
  const healMs = faultMs + endMs / 10;
  const planned = places.flatMap((from) => [
    ...probes.map((probe) => ({ probe, from, everyMs: 50 })),
    ...(watches > 0 ? [{ probe: 'watch', from }] : []),
  ]);
  const machines = ['m1', 'm2', 'm3', 'w1'].map((name, index) => ({
    name,
    address: `192.0.2.${index < 3 ? 11 + index : 31}`,
    roles: [index < 3 ? 'master' : 'worker'],
  }));
  const recorder = drillRecorder(file, {
    trivet: 'simulated',
    cluster: 'simulated',
    scheme: of.scheme,
    drill: of.drill,
    fault: `${of.fault} of ${of.host}`,
    machines,
    probes: planned,
    startedAt: '2026-01-01T00:00:00.000Z',
    budgets: {},
    clocks: places.flatMap((from, index) => (from === 'outside' ? [] : [{ from, errorMs: index }])),
  });
  const events: RecordedEvent[] = [...clusterEvents({ faultMs, healMs, endMs }, of)];
  const written = new Map<string, [number, number][]>(places.map((from) => [from, []]));
  let revision = 1000;
  for (let ms = 0; ms < endMs; ms += 50) {
    for (const from of places) {
      for (const probe of probes) {
        const startedMs = ms + random() * 3;
        const out = startedMs >= faultMs && startedMs < faultMs + (needsLeader(probe) ? 2 : 1) * of.outMs;
        const endedMs = startedMs + (out ? 1000 : 4 + random() * 12);
        const write = probe === 'writes' ? `#${ms / 50}` : undefined;
        const detail = out ? `${write ?? ''} no answer within 1000 ms`.trim() : write;
        if (write !== undefined && !out) written.get(from)?.push([ms / 50, ++revision]);
        events.push({
          kind: 'probe',
          probe,
          from,
          startedMs,
          endedMs,
          ok: !out,
          ...(detail !== undefined && { detail }),
          ...(write !== undefined && out && { outcome: 'refused' as const }),
          ...(needsLeader(probe) && !out && { revision }),
        });
      }
      if (ms % 100 !== 0 || (ms >= faultMs && ms < faultMs + 1500)) continue;
      for (let client = 1; client <= watches; client++) {
        const startedMs = ms === faultMs + 1500 ? faultMs - 100 : Math.max(0, ms - 100);
        events.push({
          kind: 'probe',
          probe: 'watch',
          from,
          startedMs,
          endedMs: ms + 3,
          ok: true,
          detail: `w${client} change 192.0.2.12 ${ms / 100}`,
        });
      }
    }
  }
  for (const [from, writes] of written) if (writes.length > 0) events.push({ kind: 'read-back', atMs: endMs + 2000, from, writes });
  const time = (event: RecordedEvent) => (event.kind === 'probe' ? event.endedMs : event.atMs);
  for (const event of events.sort((a, b) => time(a) - time(b))) recorder.record(event);
  recorder.end({ atMs: endMs + 3000, complete: true });
  return events.length;
}

function needsLeader(probe: string): boolean {
  return probe === 'writes' || probe === 'linearizable reads';
}

interface Times {
  readonly faultMs: number;
  readonly healMs: number;
  readonly endMs: number;
}

function clusterEvents(
  { faultMs, healMs, endMs }: Times,
  { fault, host }: Pick<typeof usual | NonNullable<Simulation['of']>, 'fault' | 'host'>,
) {
  const lost = host === 'm1';
  const masters = ['m1', 'm2', 'm3'];
  const balancers = masters.flatMap((on) => masters.map((backend) => ({ kind: 'backend', on, backend }) as const));
  const always: readonly RecordedEvent[] = [
    { kind: 'health', atMs: 1, healthy: true, problems: [] },
    { kind: 'vip', atMs: 10, owner: 'm1' },
    { kind: 'leader', atMs: 11, of: 'etcd', holder: 'm1', term: 3 },
    ...(['kube-controller-manager', 'kube-scheduler'] as const).map(
      (lease) => ({ kind: 'leader', atMs: 12, of: lease, holder: 'm1' }) as const,
    ),
    ...masters.map((member) => ({ kind: 'member', atMs: 14, member, state: 'healthy' }) as const),
    ...balancers.map((one) => ({ ...one, atMs: 12, state: 'UP' }) as const),
    ...masters.map((node) => ({ kind: 'node', atMs: 13, node, condition: 'Ready', status: 'True' }) as const),
    { kind: 'fault', atMs: faultMs, fault, host, state: 'injected' },
    { kind: 'fault', atMs: healMs, fault, host, state: 'healed' },
    { kind: 'health', atMs: endMs + 2500, healthy: true, problems: [] },
  ];
  const changes: readonly RecordedEvent[] = [
    ...balancers.filter(({ backend }) => backend === 'm1').map((one) => ({ ...one, atMs: faultMs + 350, state: 'DOWN' }) as const),
    { kind: 'vip', atMs: faultMs + 500, owner: 'm2' },
    { kind: 'leader', atMs: faultMs + 1100, of: 'etcd', holder: 'm3', term: 4 },
    { kind: 'member', atMs: faultMs + 1000, member: 'm1', state: 'unhealthy' },
    { kind: 'leader', atMs: faultMs + 16_000, of: 'kube-scheduler', holder: 'm2' },
    { kind: 'leader', atMs: faultMs + 17_000, of: 'kube-controller-manager', holder: 'm3' },
    { kind: 'member', atMs: healMs + 8000, member: 'm1', state: 'healthy' },
    { kind: 'node', atMs: faultMs + 41_000, node: 'm1', condition: 'Ready', status: 'Unknown' },
    ...balancers.filter(({ backend }) => backend === 'm1').map((one) => ({ ...one, atMs: healMs + 9000, state: 'UP' }) as const),
    { kind: 'node', atMs: healMs + 14_000, node: 'm1', condition: 'Ready', status: 'True' },
  ];
  return lost ? [...always, ...changes] : always;
}
