/** What the cluster must never be in, whatever its clients saw: two machines with the address, two leaders of etcd at once. */

import type { RecordedLine, Recording } from '../recording/recording.ts';
import { clocksOf } from './clocks.ts';
import { type Reason, reason, seconds } from './reason.ts';

/** Two machines whose timers ran out together: the one of lower priority gives the address up at the other's next advert, after 1 s at most. */
const disputeMs = 1000;
/** After a machine can be heard again it gives the address up at the next adverts, of 1 s at most unless said otherwise. */
const settleMs = 3000;

/**
 * Faults after which VRRP on the machine can hear or say nothing: it keeps the address, and another takes it. VRRP has no quorum;
 * what that does to clients, the probes tell.
 */
const unheard = /^(power-off|machine-.+|master-cut-off|keepalived-.+)$/;

export function stateReasons(recording: Recording): readonly Reason[] {
  return [...vipReasons(recording), ...leaderReasons(recording)];
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly owners: readonly string[];
  readonly line: number;
}

function vipReasons(recording: Recording): readonly Reason[] {
  const spans = splitSpans(recording);
  const clocks = clocksOf(recording.header);
  const excused = excusesOf(recording);
  return spans.flatMap((span) => {
    const { owners, line, fromMs, toMs } = span;
    const where = { lines: [line], atMs: fromMs };
    const allowedMs = disputeMs + owners.reduce((sum, owner) => sum + clocks.errorMs(owner), 0);
    const wrongMs = longestWrong(span, excused);
    const told = `${owners.join(' and ')} had the VIP at once for ${seconds(toMs - fromMs)}`;
    if (wrongMs > allowedMs) return [reason('fail', 'split-vip', told, where)];
    const why = toMs - fromMs > allowedMs ? '; VRRP on one of them was cut off by the fault' : ', less than can be told';
    return [reason('note', 'split-vip', `${told}${why}`, where)];
  });
}

/** Times at which more than one machine had the VIP; events that follow one another with the same owners are one. */
function splitSpans({ lines, endMs }: Recording): readonly Span[] {
  const changes = lines.flatMap(({ line, event }) =>
    event.kind === 'vip' ? [{ line, atMs: event.atMs, owners: event.owners ?? [] }] : [],
  );
  const spans: Span[] = [];
  for (const [index, { line, atMs, owners }] of changes.entries()) {
    if (owners.length < 2) continue;
    const toMs = changes[index + 1]?.atMs ?? endMs;
    const last = spans.at(-1);
    if (last?.toMs === atMs && last.owners.join() === owners.join()) spans[spans.length - 1] = { ...last, toMs };
    else spans.push({ fromMs: atMs, toMs, owners, line });
  }
  return spans;
}

interface Excuse {
  readonly host: string;
  readonly fromMs: number;
  readonly toMs: number;
}

function excusesOf({ lines, endMs }: Recording): readonly Excuse[] {
  const faults = lines.flatMap(({ event }) => (event.kind === 'fault' && unheard.test(event.fault) ? [event] : []));
  return faults
    .filter(({ state }) => state === 'injected')
    .map(({ host, fault, atMs }) => {
      const healed = faults.find((other) => other.state === 'healed' && other.host === host && other.fault === fault && other.atMs >= atMs);
      return { host, fromMs: atMs, toMs: healed === undefined ? endMs : healed.atMs + settleMs };
    });
}

/** The longest time in the span in which two machines without an excuse had it. */
function longestWrong({ fromMs, toMs, owners }: Span, excuses: readonly Excuse[]): number {
  const own = excuses.filter(({ host }) => owners.includes(host));
  const edges = [fromMs, toMs, ...own.flatMap((excuse) => [excuse.fromMs, excuse.toMs])].filter((ms) => ms >= fromMs && ms <= toMs);
  const times = [...new Set(edges)].toSorted((a, b) => a - b);
  let longestMs = 0;
  let sinceMs: number | undefined;
  for (const [index, startMs] of times.entries()) {
    const endMs = times[index + 1];
    if (endMs === undefined) break;
    const free = owners.filter((owner) => !own.some((one) => one.host === owner && one.fromMs <= startMs && one.toMs >= endMs));
    sinceMs = free.length > 1 ? (sinceMs ?? startMs) : undefined;
    if (sinceMs !== undefined) longestMs = Math.max(longestMs, endMs - sinceMs);
  }
  return longestMs;
}

/** Raft elects one leader a term at most: two are etcd's own failure, or two clusters under one name. */
function leaderReasons({ lines }: Recording): readonly Reason[] {
  const leaders = new Map<number, { readonly holder: string; readonly line: number }>();
  const reasons: Reason[] = [];
  for (const { line, event } of lines satisfies readonly RecordedLine[]) {
    if (event.kind !== 'leader' || event.of !== 'etcd' || event.term === undefined || event.holder === undefined) continue;
    const { term, holder, atMs } = event;
    const known = leaders.get(term);
    if (known === undefined) leaders.set(term, { holder, line });
    else if (known.holder !== holder) {
      const text = `${known.holder} and ${holder} both led etcd in term ${term}`;
      reasons.push(reason('fail', 'two-leaders', text, { lines: [known.line, line], atMs }));
    }
  }
  return reasons.slice(0, 3);
}
