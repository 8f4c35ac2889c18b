/** What became of data: acknowledged writes must be there, refused ones must not, none out of order, and no read may be old. */

import type { ProbeEvent } from '../probes/probe-event.ts';
import type { Recording } from '../recording/recording.ts';

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

export function judgeWrites({ lines }: Recording): readonly WriteFigures[] {
  const writes = lines.flatMap(({ line, event }) => {
    const number = event.kind === 'probe' && event.probe === 'writes' ? writeNumber(event) : undefined;
    return event.kind !== 'probe' || number === undefined ? [] : [{ line, event, number, outcome: outcomeOf(event) }];
  });
  const readBacks = lines.flatMap(({ line, event }) => (event.kind === 'read-back' ? [{ line, event }] : []));
  const places = new Set([...writes.map(({ event }) => event.from), ...readBacks.map(({ event }) => event.from)]);
  return [...places].map((from) => {
    const own = writes.filter(({ event }) => event.from === from);
    const readBack = readBacks.findLast(({ event }) => event.from === from);
    return judgePlace(from, own, readBack === undefined ? undefined : new Map(readBack.event.writes), readBack?.line);
  });
}

function judgePlace(
  from: string,
  writes: readonly Write[],
  there: ReadonlyMap<number, number> | undefined,
  readBackLine: number | undefined,
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
    outOfOrder: older(dated, dated, 0),
    foreign: [...(there?.keys() ?? [])].filter((number) => !attempted.has(number)),
    unknown: { there: unknown.filter(isThere).length, notThere: unknown.filter((write) => !isThere(write)).length },
    ordered: dated.length > 0,
  };
}

interface Dated {
  readonly line: number;
  readonly event: ProbeEvent;
  readonly revision: number;
  readonly number?: number;
}

/** Times of different places agree as well as this. */
const placesAgreeMs = 10;

/** Reads that show less than an acknowledged write or another read had shown before they began. */
export function staleReads({ lines }: Recording): readonly DataFinding[] {
  const dated: Dated[] = lines.flatMap(({ line, event }) =>
    event.kind === 'probe' && event.ok && event.revision !== undefined ? [{ line, event, revision: event.revision }] : [],
  );
  const reads = dated.filter(({ event }) => event.probe !== 'writes');
  const byLine = new Map<number, DataFinding>();
  for (const finding of older(reads, dated, placesAgreeMs)) byLine.set(finding.line, finding);
  for (const from of new Set(reads.map(({ event }) => event.from))) {
    const own = (one: Dated) => one.event.from === from;
    for (const finding of older(reads.filter(own), dated.filter(own), 0)) byLine.set(finding.line, finding);
  }
  return [...byLine.values()].toSorted((a, b) => a.line - b.line);
}

/** Those of `later` that began when one of `earlier` with a higher revision had ended, at least `apartMs` before. */
function older(later: readonly Dated[], earlier: readonly Dated[], apartMs: number): readonly DataFinding[] {
  const ended = earlier.toSorted((a, b) => a.event.endedMs - b.event.endedMs);
  const findings: DataFinding[] = [];
  let next = 0;
  let highest: Dated | undefined;
  for (const one of later.toSorted((a, b) => a.event.startedMs - b.event.startedMs)) {
    for (let other = ended[next]; other !== undefined && other.event.endedMs + apartMs < one.event.startedMs; other = ended[++next]) {
      if (highest === undefined || other.revision > highest.revision) highest = other;
    }
    if (highest === undefined || one.revision >= highest.revision) continue;
    findings.push({
      ...(one.number !== undefined && { number: one.number }),
      line: one.line,
      atMs: one.event.endedMs,
      revision: one.revision,
      against: { line: highest.line, atMs: highest.event.endedMs, revision: highest.revision },
    });
  }
  return findings;
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
  if (status >= 400 && status < 500 && status !== 408 && status !== 409) return 'refused';
  return /\b(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)\b/.test(detail) ? 'refused' : 'unknown';
}

/** Writes acknowledged while etcd had no quorum: begun `afterMs` or later, and ended before `untilMs`. */
export function acknowledgedBetween({ lines }: Recording, afterMs: number, untilMs: number): readonly DataFinding[] {
  return lines.flatMap(({ line, event }) =>
    event.kind === 'probe' && event.probe === 'writes' && event.ok && event.startedMs >= afterMs && event.endedMs <= untilMs
      ? [{ line, atMs: event.endedMs, ...(writeNumber(event) !== undefined && { number: writeNumber(event) ?? 0 }) }]
      : [],
  );
}
