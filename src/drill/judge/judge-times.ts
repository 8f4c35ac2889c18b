/** How long the cluster took to notice a fault and to be whole again, by what it said of itself. */

import type { RecordedEvent } from '../../model/event.ts';
import type { RecordedLine, Recording } from '../recording/recording.ts';
import { timeOf } from '../recording/recording.ts';
import type { FaultTimes } from './lanes.ts';

/** Counted from the fault, or from its healing. */
export interface Took {
  readonly ms: number;
  readonly line: number;
  /** What the time was told by. */
  readonly by: string;
}

/** From the fault to the first thing that the cluster says about it; undefined when it says nothing. */
export function judgeDetect({ lines, header }: Recording, { injectedMs, victims }: FaultTimes): Took | undefined {
  if (injectedMs === undefined) return undefined;
  const names = new Set([...victims, ...header.machines.filter(({ name }) => victims.includes(name)).map(({ address }) => address)]);
  const states = new Map<string, string>();
  for (const { line, event } of lines) {
    const state = stateOf(event);
    if (state === undefined) continue;
    const before = states.get(state.of);
    states.set(state.of, state.is);
    if (timeOf(event) < injectedMs) continue;
    const moved = (event.kind === 'vip' || event.kind === 'leader') && before !== undefined && before !== state.is;
    if (moved || (!state.good && names.has(subjectOf(event))))
      return { ms: timeOf(event) - injectedMs, line, by: `${state.of} ${state.is}` };
  }
  return undefined;
}

/** From the healing until the cluster was seen to be whole, or without such a look until the last thing that became good. */
export function judgeRecover({ lines }: Recording, { healedMs }: FaultTimes): Took | undefined {
  if (healedMs === undefined) return undefined;
  const after = lines.filter(({ event }) => timeOf(event) >= healedMs);
  const whole = after.find(({ event }) => event.kind === 'health' && event.healthy);
  if (whole !== undefined) return { ms: timeOf(whole.event) - healedMs, line: whole.line, by: 'the cluster is whole' };
  const last = lastBetterment(lines, healedMs);
  return last === undefined ? undefined : { ...last, ms: last.ms - healedMs };
}

function lastBetterment(lines: readonly RecordedLine[], healedMs: number): Took | undefined {
  const states = new Map<string, { readonly good: boolean }>();
  let last: Took | undefined;
  for (const { line, event } of lines) {
    const state = stateOf(event);
    if (state === undefined) continue;
    const wasBad = states.get(state.of)?.good === false;
    states.set(state.of, state);
    if (state.good && wasBad && timeOf(event) >= healedMs) last = { ms: timeOf(event), line, by: `${state.of} ${state.is}` };
  }
  return [...states.values()].every(({ good }) => good) ? last : undefined;
}

export interface State {
  /** Whose: `etcd's leader`. */
  readonly of: string;
  readonly is: string;
  readonly good: boolean;
}

/** What an event says of the cluster's state; undefined for other events. */
export function stateOf(event: RecordedEvent): State | undefined {
  switch (event.kind) {
    case 'vip': {
      const split = (event.owners?.length ?? 0) > 1;
      return {
        of: 'VIP',
        is: split ? `${event.owners?.join(' and ')}` : (event.owner ?? 'nobody'),
        good: !split && event.owner !== undefined,
      };
    }
    case 'leader':
      return { of: event.of === 'etcd' ? 'etcd leader' : event.of, is: event.holder ?? 'nobody', good: event.holder !== undefined };
    case 'backend':
      return { of: `${event.on} sees ${event.backend}`, is: event.state, good: event.state === 'UP' };
    case 'node': {
      const wanted = event.condition === 'Ready' ? 'True' : 'False';
      return { of: `node ${event.node} ${event.condition}`, is: event.status, good: event.status === wanted };
    }
    case 'member':
      return { of: `etcd ${event.member}`, is: event.state, good: event.state === 'healthy' };
    default:
      return undefined;
  }
}

function subjectOf(event: RecordedEvent): string {
  if (event.kind === 'backend') return event.backend.replace(/:\d+$/, '');
  if (event.kind === 'node') return event.node;
  return event.kind === 'member' ? event.member : '';
}

/** Who held the VIP when the fault went in; undefined when that was not recorded. */
export function vipOwnerAt({ lines }: Recording, atMs: number): string | undefined {
  const last = lines.findLast(({ event }) => event.kind === 'vip' && event.atMs <= atMs)?.event;
  return last?.kind === 'vip' ? last.owner : undefined;
}
