/** Who had the virtual address when, from what each machine saw of itself. Pure. */

import type { RecordedEvent } from '../../model/event.ts';
import type { MachineLooks } from './machine-looks.ts';

type VipEvent = Extract<RecordedEvent, { readonly kind: 'vip' }>;

/** From the look that saw it first to the last one that saw it still: certain. `lostMs`: the look that saw it gone. */
interface Holding {
  readonly machine: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly lostMs: number;
}

/**
 * Only changes, in order of time. An event's time is that of the look that saw it. A machine that is not heard of any more keeps the
 * address until another has it: nobody can know better. Two owners are told only when both had it for certain, clocks' errors
 * and the time between two looks taken off.
 */
export function vipEvents(machines: readonly MachineLooks[]): readonly VipEvent[] {
  const holdings = machines.flatMap(holdingsOf);
  const times = holdings.flatMap(({ fromMs, lostMs }) => [fromMs, lostMs]).filter(Number.isFinite);
  if (holdings.length === 0) {
    const first = Math.min(...machines.flatMap(({ looks }) => looks.filter(({ kind }) => kind === 'holds').map(({ atMs }) => atMs)));
    return Number.isFinite(first) ? [{ kind: 'vip', atMs: first, owner: undefined }] : [];
  }
  const events: VipEvent[] = [];
  for (const atMs of [...new Set(times)].toSorted((a, b) => a - b)) {
    const event = ownersAt(holdings, atMs);
    const last = events.at(-1);
    if (last === undefined || last.owner !== event.owner || last.owners?.join() !== event.owners?.join()) events.push(event);
  }
  return events;
}

function ownersAt(holdings: readonly Holding[], atMs: number): VipEvent {
  const begun = holdings.filter(({ fromMs, lostMs }) => fromMs <= atMs && atMs < lostMs).toSorted((a, b) => b.fromMs - a.fromMs);
  const certain = begun.filter(({ untilMs }) => atMs <= untilMs).map(({ machine }) => machine);
  // The one that got it last, unless it is known to have been lost since.
  const owner = begun[0]?.machine;
  const owners = [...new Set(certain)].toSorted();
  return { kind: 'vip', atMs, owner, ...(owners.length > 1 ? { owners } : {}) };
}

function holdingsOf({ machine, looks, heardMs, errorMs }: MachineLooks): readonly Holding[] {
  const holdings: Holding[] = [];
  let fromMs: number | undefined;
  for (const look of looks) {
    if (look.kind !== 'holds') continue;
    if (look.holds) fromMs ??= look.atMs;
    else if (fromMs !== undefined) {
      holdings.push({ machine, fromMs, untilMs: look.sinceMs - errorMs, lostMs: look.atMs });
      fromMs = undefined;
    }
  }
  return fromMs === undefined ? holdings : [...holdings, { machine, fromMs, untilMs: heardMs - errorMs, lostMs: Number.POSITIVE_INFINITY }];
}
