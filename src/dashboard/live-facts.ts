/** What a running drill says of the cluster between two looks at it: newer than the last look, it goes before it. */

import type { RecordedEvent } from '../model/event.ts';
import type { ClusterStatus, MachineStatus } from '../status/cluster-status.ts';

export interface LiveFacts {
  /** `atMs`: when it happened, on the clock that looks are told on. What comes late, as from a machine that was cut off, changes nothing newer. */
  readonly take: (event: RecordedEvent, atMs: number) => void;
  /** The status as it is by now; `lookedAtMs` is when that look began. */
  readonly over: (status: ClusterStatus, lookedAtMs: number) => ClusterStatus;
}

type State = Extract<RecordedEvent, { readonly kind: 'vip' | 'leader' | 'backend' | 'node' | 'member' }>;

export function liveFacts(): LiveFacts {
  const facts = new Map<string, { readonly event: State; readonly atMs: number }>();
  return {
    take(event, atMs) {
      const key = keyOf(event);
      if (key === undefined || (facts.get(key.key)?.atMs ?? 0) > atMs) return;
      facts.delete(key.key);
      // A hostile recording could name any number of machines.
      if (facts.size < 10_000) facts.set(key.key, { event: key.event, atMs });
    },
    over: (status, lookedAtMs) =>
      [...facts.values()].filter(({ atMs }) => atMs > lookedAtMs).reduce((now, { event }) => withFact(now, event), status),
  };
}

function keyOf(event: RecordedEvent): { readonly key: string; readonly event: State } | undefined {
  switch (event.kind) {
    case 'vip':
      return { key: 'vip', event };
    case 'leader':
      return { key: `leader ${event.of}`, event };
    case 'backend':
      return { key: `backend ${event.on} ${event.backend}`, event };
    case 'node':
      return event.condition === 'Ready' ? { key: `node ${event.node}`, event } : undefined;
    case 'member':
      return { key: `member ${event.member}`, event };
    default:
      return undefined;
  }
}

function withFact(status: ClusterStatus, event: State): ClusterStatus {
  const { endpoint, etcd, leaders } = status;
  switch (event.kind) {
    case 'vip': {
      if (endpoint.keptBy !== 'one-machine') return status;
      return { ...status, endpoint: { ...endpoint, holders: event.owners ?? (event.owner === undefined ? [] : [event.owner]) } };
    }
    case 'leader': {
      if (event.of === 'etcd') {
        return { ...status, etcd: { ...etcd, members: etcd.members.map((one) => ({ ...one, leader: one.name === event.holder })) } };
      }
      const { holder } = event;
      return { ...status, leaders: leaders.map((one) => (one.of === event.of ? { ...one, holder, current: holder !== undefined } : one)) };
    }
    case 'backend':
      return withMachine(status, event.on, (machine) => ({
        ...machine,
        backends: machine.backends?.map((one) => (one.name === event.backend ? { ...one, state: event.state } : one)),
      }));
    case 'node':
      return withMachine(status, event.node, (machine) =>
        machine.node === undefined ? machine : { ...machine, node: event.status === 'True' ? 'Ready' : 'NotReady' },
      );
    case 'member': {
      const members = etcd.members.map((one) => (one.name === event.member ? { ...one, healthy: event.state === 'healthy' } : one));
      const healthy = members.filter((one) => !one.learner && one.healthy).length;
      return { ...status, etcd: { ...etcd, members, healthy, spare: Math.max(0, healthy - etcd.quorum) } };
    }
  }
}

function withMachine(status: ClusterStatus, name: string, change: (machine: MachineStatus) => MachineStatus): ClusterStatus {
  return { ...status, machines: status.machines.map((machine) => (machine.name === name ? change(machine) : machine)) };
}
