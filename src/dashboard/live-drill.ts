/** A drill's events, as they come, made small: clients in buckets, holders as changes, the rest in words. */

import { stateOf } from '../drill/judge/judge-times.ts';
import { ownDelay } from '../drill/judge/lanes.ts';
import type { RecordingHeader } from '../drill/recording/recording.ts';
import { timeOf } from '../drill/recording/recording.ts';
import type { RecordedEvent } from '../model/event.ts';
import type { BucketMs, DrillMore, DrillView, EventView } from './page/page-data.ts';

const bucketMs: BucketMs = 250;
/** An hour. What a drill has beyond these is in its recording only: a page need not hold it. */
const mostBuckets = 4 * 3600;
const mostLanes = 100;
const mostHolders = 8;
const mostKnown = 10_000;

export interface LiveDrill {
  readonly take: (event: RecordedEvent) => void;
  readonly become: (state: DrillView['state']) => void;
  /** What was taken since the last call; undefined: nothing. */
  readonly drain: () => DrillMore | undefined;
}

export function emptyDrill(name: string, { drill, fault }: RecordingHeader): DrillView {
  return { name, drill, fault, state: 'running', nowMs: 0, victims: {}, lanes: [], holders: [], events: [] };
}

export function liveDrill(): LiveDrill {
  const lanes = new Map<string, { readonly index: number; readonly bits: number[] }>();
  const known = new Map<string, string>();
  const holders = new Set<string>();
  const victims = new Map<string, string>();
  let state: DrillView['state'] = 'running';
  let nowMs = 0;
  let faultMs: number | undefined;
  let healedMs: number | undefined;
  let pending = nothing();
  let changed = false;

  function takeAttempt(event: Extract<RecordedEvent, { readonly kind: 'probe' }>): void {
    const { probe, from, ok } = event;
    if (probe === ownDelay) return;
    const key = `${probe}\n${from}`;
    const lane = lanes.get(key) ?? newLane(key, probe, from);
    // A client that asked then, was it served? A watch does not ask: it hears.
    const bucket = Math.floor((probe === 'watch' ? event.endedMs : event.startedMs) / bucketMs);
    if (lane === undefined || bucket < 0 || bucket >= mostBuckets) return;
    const before = lane.bits[bucket] ?? 0;
    const after = before | (ok ? 1 : 2);
    if (after === before) return;
    lane.bits[bucket] = after;
    pending.bits.set(`${lane.index} ${bucket}`, [lane.index, bucket, after]);
  }

  function newLane(key: string, probe: string, from: string) {
    if (lanes.size >= mostLanes) return undefined;
    const lane = { index: lanes.size, bits: [] };
    lanes.set(key, lane);
    pending.lanes.push({ probe, from });
    return lane;
  }

  function takeState(event: RecordedEvent): void {
    const now = stateOf(event);
    if (now === undefined) return;
    const before = known.get(now.of);
    if (before === now.is || (before === undefined && known.size >= mostKnown)) return;
    known.set(now.of, now.is);
    const ms = timeOf(event);
    if (event.kind === 'vip' || event.kind === 'leader') {
      if (holders.size < mostHolders) holders.add(now.of);
      if (holders.has(now.of)) pending.holders.push({ of: now.of, ms, is: now.is, good: now.good });
    }
    if (before !== undefined) tell({ ms, text: `${now.of}: ${before} → ${now.is}`, tone: now.good ? 'good' : 'bad' });
  }

  function tell(event: EventView): void {
    pending.events.push(event);
  }

  return {
    take(event) {
      const ms = timeOf(event);
      nowMs = Math.max(nowMs, ms);
      changed = true;
      if (state === 'silent') state = 'running';
      switch (event.kind) {
        case 'probe':
          return takeAttempt(event);
        case 'fault': {
          const goesIn = event.state === 'injected';
          if (goesIn) {
            faultMs ??= ms;
            victims.set(event.host, event.fault);
          } else {
            healedMs = ms;
            victims.delete(event.host);
          }
          return tell({ ms, text: `${event.fault} of ${event.host} ${goesIn ? 'goes in' : 'is healed'}`, tone: goesIn ? 'bad' : 'good' });
        }
        case 'health':
          return tell({
            ms,
            text: event.healthy ? 'the cluster is whole' : `the cluster is not whole: ${event.problems.join('; ')}`,
            tone: event.healthy ? 'good' : 'bad',
          });
        case 'warning':
          return tell({ ms, text: event.host === undefined ? event.message : `${event.host}: ${event.message}`, tone: 'plain' });
        default:
          return takeState(event);
      }
    },
    become(next) {
      changed ||= state !== next;
      state = next;
    },
    drain() {
      if (!changed) return undefined;
      const { bits, ...rest } = pending;
      pending = nothing();
      changed = false;
      return {
        nowMs,
        state,
        victims: Object.fromEntries(victims),
        ...(faultMs !== undefined && { faultMs }),
        ...(healedMs !== undefined && { healedMs }),
        ...rest,
        bits: [...bits.values()],
      };
    },
  };
}

interface Pending {
  readonly lanes: { readonly probe: string; readonly from: string }[];
  readonly bits: Map<string, readonly [number, number, number]>;
  readonly holders: DrillMore['holders'][number][];
  readonly events: EventView[];
}

function nothing(): Pending {
  return { lanes: [], bits: new Map(), holders: [], events: [] };
}
