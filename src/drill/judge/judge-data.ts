/** What became of data: acknowledged writes must be there, refused ones must not, and none out of order. */

import type { ProbeEvent } from '../probes/probe-event.ts';
import { saysNo } from '../probes/write-probe.ts';
import type { Recording } from '../recording/recording.ts';
import { clocksOf } from './clocks.ts';
import { olderThan } from './older.ts';

export interface WriteFigures {
  readonly from: string;
  readonly attempted: number;
  readonly acknowledged: number;
  /** undefined: never read back. */
  readonly readBackLine: number | undefined;
  readonly lost: readonly DataFinding[];
  readonly refusedButThere: readonly DataFinding[];
  readonly outOfOrder: readonly DataFinding[];
  /** There, and nobody made them. */
  readonly foreign: readonly number[];
  /** Neither acknowledged nor refused, as the answer did not come: both is right. */
  readonly unknown: { readonly there: number; readonly notThere: number };
  /** Whether revisions were recorded, by which the order is told. */
  readonly ordered: boolean;
}

export interface DataFinding {
  /** Of a write: its number. */
  readonly number?: number;
  readonly line: number;
  readonly atMs: number;
  /** The event that it contradicts. */
  readonly against?: { readonly line: number; readonly atMs: number; readonly revision: number };
  readonly revision?: number;
}

interface Write {
  readonly line: number;
  readonly event: ProbeEvent;
  readonly number: number;
  readonly outcome: 'acknowledged' | 'refused' | 'unknown';
}

export function judgeWrites({ lines, header }: Recording): readonly WriteFigures[] {
  const { apartMs } = clocksOf(header);
  const writes = lines.flatMap(({ line, event }) => {
    const number = event.kind === 'probe' && event.probe === 'writes' ? writeNumber(event) : undefined;
    return event.kind !== 'probe' || number === undefined ? [] : [{ line, event, number, outcome: outcomeOf(event) }];
  });
  const readBacks = lines.flatMap(({ line, event }) => (event.kind === 'read-back' ? [{ line, event }] : []));
  const places = new Set([...writes.map(({ event }) => event.from), ...readBacks.map(({ event }) => event.from)]);
  return [...places].map((from) => {
    const own = writes.filter(({ event }) => event.from === from);
    const readBack = readBacks.findLast(({ event }) => event.from === from);
    const there = readBack === undefined ? undefined : new Map(readBack.event.writes);
    return judgePlace(from, own, { there, readBackLine: readBack?.line, apartMs: apartMs(from, from) });
  });
}

function judgePlace(
  from: string,
  writes: readonly Write[],
  {
    there,
    readBackLine,
    apartMs,
  }: { readonly there: ReadonlyMap<number, number> | undefined; readonly readBackLine: number | undefined; readonly apartMs: number },
): WriteFigures {
  const acknowledged = writes.filter(({ outcome }) => outcome === 'acknowledged');
  const found = ({ line, event, number }: Write): DataFinding => ({ number, line, atMs: event.endedMs });
  const isThere = ({ number }: Write) => there?.has(number) === true;
  const attempted = new Set(writes.map(({ number }) => number));
  const unknown = writes.filter(({ outcome }) => outcome === 'unknown');
  const dated = acknowledged.flatMap((write) => {
    const revision = there?.get(write.number) || write.event.revision || 0;
    return revision === 0 ? [] : [{ ...write, revision }];
  });
  return {
    from,
    attempted: writes.length,
    acknowledged: acknowledged.length,
    readBackLine,
    lost: there === undefined ? [] : acknowledged.filter((write) => !isThere(write)).map(found),
    refusedButThere: writes.filter((write) => write.outcome === 'refused' && isThere(write)).map(found),
    outOfOrder: olderThan(dated, dated, apartMs).map(({ one, than }) => ({
      ...(one.number !== undefined && { number: one.number }),
      line: one.line,
      atMs: one.event.endedMs,
      revision: one.revision,
      against: { line: than.line, atMs: than.event.endedMs, revision: than.revision },
    })),
    foreign: [...(there?.keys() ?? [])].filter((number) => !attempted.has(number)),
    unknown: { there: unknown.filter(isThere).length, notThere: unknown.filter((write) => !isThere(write)).length },
    ordered: dated.length > 0,
  };
}

/** A write's detail begins with its number: #7. */
function writeNumber(event: ProbeEvent): number | undefined {
  const digits = /^#(\d{1,15})\b/.exec(event.detail ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * A refused write never reached etcd: no connection, or the apiserver said that the request itself is at fault. After any other
 * failure it may have been carried out, and «already there» says that it was.
 */
function outcomeOf({ ok, outcome, detail = '' }: ProbeEvent): Write['outcome'] {
  if (ok) return 'acknowledged';
  if (outcome !== undefined) return outcome;
  const status = Number(/\bstatus (\d+)/.exec(detail)?.[1]);
  if (saysNo(status)) return 'refused';
  return /\b(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)\b/.test(detail) ? 'refused' : 'unknown';
}

/** Writes acknowledged while etcd had no quorum: begun `afterMs` or later, and ended before `untilMs`. */
export function acknowledgedBetween({ lines, header }: Recording, afterMs: number, untilMs: number): readonly DataFinding[] {
  const { errorMs } = clocksOf(header);
  return lines.flatMap(({ line, event }) =>
    event.kind === 'probe' &&
    event.probe === 'writes' &&
    event.ok &&
    event.startedMs - errorMs(event.from) >= afterMs &&
    event.endedMs + errorMs(event.from) <= untilMs
      ? [{ line, atMs: event.endedMs, ...(writeNumber(event) !== undefined && { number: writeNumber(event) ?? 0 }) }]
      : [],
  );
}
