/** A recording as a drill of so many minutes would make it, simulated: probes 20 times a second in four places, an outage in the middle. */

import { drillRecorder } from '../../src/drill/recording/recorder.ts';
import type { RecordedEvent } from '../../src/model/event.ts';

export interface Simulation {
  readonly minutes: number;
  /** Probes that run 20 times a second in each place. */
  readonly probes: readonly string[];
  /** Watches of ten changes a second in each place. */
  readonly watches: number;
}

const places = ['outside', 'worker', 'm2', 'm3'];

/** Writes it; gives the number of events. `random`: 0 to 1. */
export function simulateRecording(file: string, { minutes, probes, watches }: Simulation, random: () => number): number {
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
    scheme: 'vip-on-masters/haproxy',
    drill: 'machine-power-off',
    fault: 'power-off of m1',
    machines,
    probes: planned,
    startedAt: '2026-01-01T00:00:00.000Z',
    budgets: {},
  });
  const events: RecordedEvent[] = [...clusterEvents(faultMs, healMs, endMs)];
  const written = new Map<string, [number, number][]>(places.map((from) => [from, []]));
  let revision = 1000;
  for (let ms = 0; ms < endMs; ms += 50) {
    for (const from of places) {
      for (const probe of probes) {
        const startedMs = ms + random() * 3;
        const out = startedMs >= faultMs && startedMs < faultMs + (probe === 'new connections' ? 600 : 1200);
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
          ...(write !== undefined && !out && { revision }),
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

function clusterEvents(faultMs: number, healMs: number, endMs: number): readonly RecordedEvent[] {
  const masters = ['m1', 'm2', 'm3'];
  const balancers = masters.flatMap((on) => masters.map((backend) => ({ kind: 'backend', on, backend }) as const));
  return [
    { kind: 'health', atMs: 1, healthy: true, problems: [] },
    { kind: 'vip', atMs: 10, owner: 'm1' },
    { kind: 'leader', atMs: 11, of: 'etcd', holder: 'm1' },
    ...balancers.map((one) => ({ ...one, atMs: 12, state: 'UP' }) as const),
    ...masters.map((node) => ({ kind: 'node', atMs: 13, node, condition: 'Ready', status: 'True' }) as const),
    { kind: 'fault', atMs: faultMs, fault: 'power-off', host: 'm1', state: 'injected' },
    ...balancers.filter(({ backend }) => backend === 'm1').map((one) => ({ ...one, atMs: faultMs + 350, state: 'DOWN' }) as const),
    { kind: 'vip', atMs: faultMs + 500, owner: 'm2' },
    { kind: 'leader', atMs: faultMs + 1100, of: 'etcd', holder: 'm3' },
    { kind: 'node', atMs: faultMs + 41_000, node: 'm1', condition: 'Ready', status: 'Unknown' },
    { kind: 'fault', atMs: healMs, fault: 'power-off', host: 'm1', state: 'healed' },
    ...balancers.filter(({ backend }) => backend === 'm1').map((one) => ({ ...one, atMs: healMs + 9000, state: 'UP' }) as const),
    { kind: 'node', atMs: healMs + 14_000, node: 'm1', condition: 'Ready', status: 'True' },
    { kind: 'health', atMs: endMs + 2500, healthy: true, problems: [] },
  ];
}
