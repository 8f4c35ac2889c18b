/** Makes a change to a view: the server and its page do the same, so that a page that comes later is given the same view. */

import type { ClusterStatus } from '../../status/cluster-status.ts';
import type { Change, DrillMore, DrillView, HolderView, LaneView, StatusChange, View } from './page-data.ts';

/** More events of one drill are not kept here: the recording has them all. */
const eventsKept = 200;

export function applyChange(view: View, change: Change): View {
  switch (change.kind) {
    case 'view':
      return change.view;
    case 'status':
      return { ...view, status: statusWith(view.status, change.change) };
    case 'look':
      return { ...view, look: change.look };
    case 'drill': {
      const { drill: _, ...rest } = view;
      return change.drill === null ? rest : { ...rest, drill: change.drill };
    }
    case 'more':
      return view.drill === undefined ? view : { ...view, drill: drillWith(view.drill, change.more) };
    case 'recordings':
      return { ...view, recordings: change.recordings };
    case 'beat':
      return view;
  }
}

const nothing: ClusterStatus = {
  cluster: '',
  scheme: '',
  healthy: false,
  problems: [],
  endpoint: { address: '', port: 0, keptBy: 'user', holders: [], answers: [], asked: 0 },
  machines: [],
  etcd: { topology: 'stacked', members: [], voters: 0, healthy: 0, quorum: 0, spare: 0 },
  leaders: [],
};

function statusWith(before: ClusterStatus = nothing, { set, machines, names }: StatusChange): ClusterStatus {
  const byName = new Map([...before.machines, ...machines].map((machine) => [machine.name, machine]));
  const order = names ?? before.machines.map(({ name }) => name);
  return { ...before, ...set, machines: order.flatMap((name) => byName.get(name) ?? []) };
}

function drillWith(drill: DrillView, more: DrillMore): DrillView {
  const lanes: LaneView[] = [...drill.lanes, ...more.lanes.map((lane) => ({ ...lane, bits: [] }))];
  for (const [index, changes] of Map.groupBy(more.bits, ([lane]) => lane)) {
    const lane = lanes[index];
    if (lane === undefined) continue;
    const bits = [...lane.bits];
    for (const [, bucket, value] of changes) {
      while (bits.length < bucket) bits.push(0);
      bits[bucket] = value;
    }
    lanes[index] = { ...lane, bits };
  }
  return {
    ...drill,
    nowMs: more.nowMs,
    state: more.state,
    victims: more.victims,
    ...(more.faultMs !== undefined && { faultMs: more.faultMs }),
    ...(more.healedMs !== undefined && { healedMs: more.healedMs }),
    lanes,
    holders: more.holders.reduce(withHolder, drill.holders),
    events: [...drill.events, ...more.events].slice(-eventsKept),
  };
}

function withHolder(holders: readonly HolderView[], { of, ms, is, good }: DrillMore['holders'][number]): readonly HolderView[] {
  const change = { ms, is, good };
  if (!holders.some((holder) => holder.of === of)) return [...holders, { of, changes: [change] }];
  return holders.map((holder) => (holder.of === of ? { of, changes: [...holder.changes, change].slice(-eventsKept) } : holder));
}
