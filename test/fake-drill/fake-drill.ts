/** A drill without machines: a clock that only moves when it is waited for, clients that are served but while a fault is in. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningAgent } from '../../src/drill/agent/agent.ts';
import type { Drill } from '../../src/drill/drills/drill.ts';
import type { ProbeKind, ProbePlan } from '../../src/drill/probes/probe-plan.ts';
import type { DrillContext } from '../../src/drill/run/context.ts';
import type { DrillTools } from '../../src/drill/run/drill-tools.ts';
import type { KubernetesClient } from '../../src/kubernetes/client.ts';
import type { Cluster, JsonObject } from '../../src/model/cluster.ts';
import type { EventBody, RecordedEvent } from '../../src/model/event.ts';
import { Failure } from '../../src/model/failure.ts';
import { Secret } from '../../src/model/secret.ts';
import type { ClusterStatus } from '../../src/status/cluster-status.ts';
import { bind, clusterFile, specOf } from '../fake-machine/rehearsal.ts';

export interface FakeDrill {
  readonly cluster: Cluster;
  readonly status: ClusterStatus;
  readonly context: DrillContext;
  readonly tools: DrillTools;
  /** What was done, in order. */
  readonly calls: readonly string[];
  readonly emitted: readonly EventBody[];
  /** Machines that a fault is on now, and those with an agent. */
  readonly inside: ReadonlySet<string>;
  readonly agents: ReadonlySet<string>;
}

export interface FakeOptions {
  /** By the call's name, such as `inject m1`: it throws this. */
  readonly failures?: Readonly<Record<string, Error>>;
  /** Ctrl-C comes while this call is made, or when the clock has come to this time. */
  readonly abortAt?: string | number;
  /** Clients are not served for so long after a fault. */
  readonly outageMs?: number;
  /** Writes that were acknowledged and are not there afterwards. */
  readonly losesWrites?: boolean;
  /** Never served from the start. */
  readonly dead?: boolean;
  /** What the looks after the drill's plan find; the last one stays. */
  readonly problems?: readonly (readonly string[])[];
}

export const interrupted = new Failure('INTERRUPTED', 'stopped');
export const fakeCluster = bind(specOf(clusterFile({ masters: 3, workers: 1 })), undefined);

export function fakeStatus(cluster: Cluster = fakeCluster, problems: readonly string[] = []): ClusterStatus {
  const masters = cluster.hosts.filter(({ roles }) => roles.includes('master'));
  return {
    cluster: cluster.name,
    scheme: cluster.scheme.variant,
    healthy: problems.length === 0,
    problems,
    endpoint: { ...cluster.endpoint, keptBy: 'one-machine', holders: ['m1'], answers: cluster.hosts.map(({ name }) => name), asked: 4 },
    machines: [],
    etcd: {
      topology: 'stacked',
      members: masters.map(({ name }) => ({ name, clientUrl: '', learner: false, healthy: true, leader: name === 'm2' })),
      voters: masters.length,
      healthy: masters.length,
      quorum: Math.floor(masters.length / 2) + 1,
      spare: masters.length - Math.floor(masters.length / 2) - 1,
    },
    leaders: [],
  };
}

export function powerOff(changes: Partial<Drill> = {}): Drill {
  return {
    name: 'machine-power-off',
    group: 'machine',
    summary: 'the holder of the VIP loses its power',
    act: { kind: 'fault', fault: 'machine-power-off' },
    expects: 'service',
    holdSeconds: 10,
    choose: ({ cluster }) => ({ victims: cluster.hosts.slice(0, 1), because: 'holds the VIP' }),
    ...changes,
  };
}

export function fakeDrill(options: FakeOptions = {}): FakeDrill {
  const calls: string[] = [];
  const emitted: EventBody[] = [];
  const inside = new Set<string>();
  const agents = new Set<string>();
  const stopper = new AbortController();
  const { outageMs = 300 } = options;
  const writes = new Map<number, number>();
  const looks = [...(options.problems ?? [])];
  let nowMs = 1_000_000;
  let revision = 100;
  let faultMs = Number.POSITIVE_INFINITY;

  async function step<T>(name: string, work: () => T): Promise<T> {
    calls.push(name);
    if (options.abortAt === name) stopper.abort(interrupted);
    await Promise.resolve();
    const failure = options.failures?.[name];
    if (failure !== undefined) throw failure;
    return work();
  }
  /** Two machines without power, of three: nobody is served. */
  const servedAt = (atMs: number) => options.dead !== true && !(inside.size > 1) && !(atMs >= faultMs && atMs < faultMs + outageMs);

  function clientsOf(plan: ProbePlan | undefined) {
    const events: RecordedEvent[] = [];
    const nextMs = new Map<ProbeKind, number>();
    const seenMs = new Map<ProbeKind, number>();
    const numbers = new Map<ProbeKind, number>();
    const beganMs = nowMs;
    const tell = (probe: ProbeKind, from: string, atMs: number) => {
      const number = numbers.get(probe) ?? 0;
      numbers.set(probe, number + 1);
      const ok = servedAt(atMs);
      const base = { kind: 'probe', probe, from, endedMs: atMs + 5, ok } as const;
      if (probe === 'watch') {
        if (ok) events.push({ ...base, startedMs: seenMs.get(probe) ?? beganMs, detail: `w1 change 192.0.2.12 ${number}` });
        if (ok) seenMs.set(probe, atMs + 5);
      } else if (probe === 'writes') {
        revision += 1;
        if (ok) writes.set(number, revision);
        events.push({ ...base, startedMs: atMs, detail: ok ? `#${number}` : `#${number} ECONNREFUSED`, ...(ok && { revision }) });
      } else events.push({ ...base, startedMs: atMs, ...(!ok && { detail: 'ECONNREFUSED' }) });
    };
    return () => {
      for (const probe of plan?.probes ?? []) {
        const everyMs = probe === 'kubelet' ? 500 : 200;
        let atMs = nextMs.get(probe) ?? beganMs;
        for (; atMs + 5 <= nowMs; atMs += everyMs) tell(probe, plan?.from ?? '', atMs);
        nextMs.set(probe, atMs);
      }
      return events;
    };
  }

  const client: KubernetesClient = {
    request: () => Promise.reject(new Error('not asked')),
    get: () => Promise.reject(new Error('not asked')),
    update: () => Promise.reject(new Error('not asked')),
    apply: () => Promise.reject(new Error('not asked')),
    patch: () => Promise.reject(new Error('not asked')),
    watch: () => {
      throw new Error('not asked');
    },
    create: (path) => step(`create ${path.split('/').at(-1)}`, () => ({})),
    delete: (path) => step(`delete ${path.includes('trivet-drill') ? 'namespace' : path}`, () => true),
    list: (path) =>
      path.includes('/configmaps')
        ? step('read back', () => [...writes].slice(options.losesWrites === true ? 40 : 0).map(written))
        : step('list namespaces', () => []),
    close: () => undefined,
  };

  const tools: DrillTools = {
    whyNotPossible: async () => undefined,
    faultsLeftOn: async () => [],
    inject: ({ victim, signal }) =>
      step(`inject ${victim.name}`, () => {
        signal.throwIfAborted();
        inside.add(victim.name);
        faultMs = Math.min(faultMs, nowMs);
        const heal = () =>
          step(`heal ${victim.name}`, () => {
            inside.delete(victim.name);
            return { atMs: nowMs };
          });
        return { atMs: nowMs, heal };
      }),
    startAgent: ({ host, probes, signal }) =>
      step(`agent ${host.name}`, (): RunningAgent => {
        signal.throwIfAborted();
        const events = clientsOf(probes);
        agents.add(host.name);
        return {
          from: host.name,
          get events() {
            return events();
          },
          looks: [],
          heardMs: nowMs,
          errorMs: 0.4,
          stop: () => {
            agents.delete(host.name);
            return step(`stop ${host.name}`, () => ({ events: [...events()], errorMs: 0.4 }));
          },
        };
      }),
    startProbes: (plan) => {
      calls.push('probes');
      const events = clientsOf(plan);
      return {
        get events() {
          return events();
        },
        ended: new Promise(() => undefined),
        stop: () => step('stop probes', () => [...events()]),
      };
    },
    sampleCluster: () => ({ events: [], stop: async () => [{ kind: 'vip', atMs: nowMs - 1, owner: 'm2' }] }),
    installApplication: () =>
      step('install', () => ({
        nodePort: 30_080,
        clusterIp: '10.96.0.80',
        exercise: (name) =>
          step(`exercise ${name}`, () => {
            nowMs += 5000;
            return 'done';
          }),
        remove: () => step('remove application', () => undefined),
      })),
    clusterDns: async () => ({ server: '10.96.0.10', name: 'kubernetes.default.svc.cluster.local' }),
    client: () => client,
    clock: {
      nowMs: () => nowMs,
      date: () => new Date('2026-11-21T17:00:00Z'),
      async pause(ms, signal) {
        signal?.throwIfAborted();
        nowMs += ms;
        if (typeof options.abortAt === 'number' && nowMs - 1_000_000 >= options.abortAt) stopper.abort(interrupted);
        await Promise.resolve();
        signal?.throwIfAborted();
      },
    },
  };

  const context: DrillContext = {
    cluster: fakeCluster,
    connect: () => Promise.reject(new Error('no machine is there')),
    tunnel: () => Promise.reject(new Error('no machine is there')),
    look: () => step('look', () => fakeStatus(fakeCluster, (looks.length > 1 ? looks.shift() : looks[0]) ?? [])),
    access: { servers: ['https://192.0.2.11:6443'], ca: 'CA', cert: 'certificate', key: new Secret('key') },
    program: { path: '/tmp/trivet', sha256: 'none' },
    power: undefined,
    emit: (event) => void emitted.push(event),
    signal: stopper.signal,
    recordings: mkdtempSync(join(tmpdir(), 'trivet-drill-')),
    trivet: '0.0.0',
  };
  return { cluster: fakeCluster, status: fakeStatus(), context, tools, calls, emitted, inside, agents };
}

function written([number, revision]: readonly [number, number]): JsonObject {
  return { metadata: { name: `probe-${number}`, resourceVersion: String(revision) }, data: { number: String(number) } };
}
