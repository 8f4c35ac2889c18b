/** The recording of a drill, as a test makes it grow: m1 loses its power, m2 takes the VIP. */

import { type DrillRecorder, drillRecorder, type HeaderInput } from '../../src/drill/recording/recorder.ts';
import type { RecordedEvent } from '../../src/model/event.ts';

const clients = ['new connections', 'linearizable reads', 'writes', 'reused connection', 'watch'];
const places = ['outside', 'm2', 'm3', 'w1'];

export function simulatedHeader(more: Partial<HeaderInput> = {}): HeaderInput {
  return {
    trivet: '0.1.0',
    cluster: 'rehearsal',
    scheme: 'vip-on-masters/haproxy',
    drill: 'machine-power-off',
    fault: 'power-off of m1',
    machines: ['m1', 'm2', 'm3'].map((name, index) => ({ name, address: `192.0.2.${11 + index}`, roles: ['master'] })),
    probes: clients.flatMap((probe) => places.map((from) => ({ probe, from }))),
    startedAt: new Date().toISOString(),
    budgets: {},
    ...more,
  };
}

/** When what happens, in milliseconds. */
export const script = { faultMs: 5000, goneMs: 5420, movedMs: 5480, healedMs: 20_000, endMs: 26_000 };

export interface SimulatedDrill {
  /** Records everything that has happened until then. */
  readonly until: (ms: number) => void;
  readonly recorder: DrillRecorder;
}

/** The recording of its own file. */
export function simulateDrill(file: string, more: Partial<HeaderInput> = {}): SimulatedDrill {
  const recorder = drillRecorder(file, simulatedHeader(more));
  const events = [...happenings(), ...attempts()].sort((a, b) => timeOf(a) - timeOf(b));
  let next = 0;
  return {
    recorder,
    until(ms) {
      for (let event = events[next]; event !== undefined && timeOf(event) <= ms; event = events[++next]) recorder.record(event);
      if (ms >= script.endMs) recorder.end({ atMs: script.endMs, complete: true });
    },
  };
}

function timeOf(event: RecordedEvent): number {
  return event.kind === 'probe' ? event.endedMs : event.atMs;
}

function happenings(): readonly RecordedEvent[] {
  const { faultMs, goneMs, movedMs, healedMs, endMs } = script;
  const fault = { fault: 'power-off', host: 'm1' };
  const member = (atMs: number, state: 'healthy' | 'unhealthy'): RecordedEvent => ({ kind: 'member', atMs, member: 'm1', state });
  const node = (atMs: number, status: 'True' | 'Unknown'): RecordedEvent => ({
    kind: 'node',
    atMs,
    node: 'm1',
    condition: 'Ready',
    status,
  });
  const backend = (atMs: number, on: string, state: 'UP' | 'DOWN'): RecordedEvent => ({ kind: 'backend', atMs, on, backend: 'm1', state });
  const leader = (atMs: number, of: string, holder: string | undefined): RecordedEvent => ({ kind: 'leader', atMs, of, holder });
  return [
    { kind: 'health', atMs: 5, healthy: true, problems: [] },
    { kind: 'vip', atMs: 10, owner: 'm1' },
    leader(10, 'etcd', 'm2'),
    leader(10, 'kube-controller-manager', 'm3'),
    leader(10, 'kube-scheduler', 'm1'),
    member(12, 'healthy'),
    node(12, 'True'),
    backend(14, 'm2', 'UP'),
    backend(14, 'm3', 'UP'),
    { kind: 'fault', atMs: faultMs, ...fault, state: 'injected' },
    { kind: 'vip', atMs: goneMs, owner: undefined },
    { kind: 'vip', atMs: movedMs, owner: 'm2' },
    backend(faultMs + 1100, 'm2', 'DOWN'),
    backend(faultMs + 1200, 'm3', 'DOWN'),
    member(faultMs + 1500, 'unhealthy'),
    leader(faultMs + 4000, 'kube-scheduler', 'm3'),
    node(faultMs + 10_000, 'Unknown'),
    { kind: 'fault', atMs: healedMs, ...fault, state: 'healed' },
    member(healedMs + 1800, 'healthy'),
    backend(healedMs + 3000, 'm2', 'UP'),
    backend(healedMs + 3100, 'm3', 'UP'),
    node(healedMs + 3600, 'True'),
    { kind: 'health', atMs: endMs - 100, healthy: true, problems: [] },
  ];
}

/** Each 100 ms everywhere; none is served between the fault and the VIP's move, and writes from m3 a little longer. */
function attempts(): readonly RecordedEvent[] {
  const events: RecordedEvent[] = [];
  for (const [lane, probe] of clients.entries()) {
    for (const [index, from] of places.entries()) {
      let write = 0;
      for (let startedMs = 100 + lane * 7 + index * 3; startedMs < script.endMs - 1500; startedMs += 100) {
        const back = script.movedMs + (probe === 'writes' && from === 'm3' ? 1100 : lane * 60);
        const ok = startedMs < script.faultMs || startedMs > back;
        write += 1;
        events.push({
          kind: 'probe',
          probe,
          from,
          startedMs,
          endedMs: startedMs + (ok ? 8 : 400),
          ok,
          ...(probe === 'watch' && { detail: `w1 ${ok ? 'change' : 'cut'} 192.0.2.11 x` }),
          ...(probe === 'writes' && {
            detail: ok ? `#${write}` : `#${write} connection refused`,
            ...(!ok && { outcome: 'refused' as const }),
          }),
          ...(!ok && probe !== 'watch' && probe !== 'writes' && { detail: 'no answer within 400 ms' }),
        });
      }
    }
  }
  return events;
}
