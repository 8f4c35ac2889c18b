/** Reads that show less than was acknowledged, or shown, before they began: the order of times is that of the clocks, less their error. */

import type { Recording } from '../recording/recording.ts';
import { type Clocks, clocksOf } from './clocks.ts';
import type { DataFinding } from './judge-data.ts';
import { type Dated, olderThan } from './older.ts';

export interface StaleReads {
  readonly findings: readonly DataFinding[];
  /** false: reads and writes show revisions of two etcd clusters (--etcd-servers-overrides), and were not compared. */
  readonly oneHistory: boolean;
}

/** `faultMs`: until then reads and writes of a sound cluster tell whether they are of one etcd; undefined: the whole recording does. */
export function staleReads({ lines, header }: Recording, faultMs = Number.POSITIVE_INFINITY): StaleReads {
  const dated: Dated[] = lines.flatMap(({ line, event }) =>
    event.kind === 'probe' && event.ok && event.revision !== undefined ? [{ line, event, revision: event.revision }] : [],
  );
  const clocks = clocksOf(header);
  const reads = byPlace(dated.filter(({ event }) => event.probe !== 'writes'));
  const writes = byPlace(dated.filter(({ event }) => event.probe === 'writes'));
  const oneHistory = ofOneHistory(reads, writes, clocks, faultMs);
  const byLine = new Map<number, DataFinding>();
  for (const { one, than } of [...pairs(reads, reads, clocks), ...(oneHistory ? pairs(reads, writes, clocks) : [])]) {
    const against = { line: than.line, atMs: than.event.endedMs, revision: than.revision };
    const known = byLine.get(one.line)?.against;
    if (known === undefined || known.revision < against.revision) {
      byLine.set(one.line, { line: one.line, atMs: one.event.endedMs, revision: one.revision, against });
    }
  }
  return { findings: [...byLine.values()].toSorted((a, b) => a.line - b.line), oneHistory };
}

type ByPlace = ReadonlyMap<string, readonly Dated[]>;

function byPlace(dated: readonly Dated[]): ByPlace {
  return Map.groupBy(dated, ({ event }) => event.from);
}

function pairs(later: ByPlace, earlier: ByPlace, { apartMs }: Clocks) {
  return [...later].flatMap(([at, own]) => [...earlier].flatMap(([from, others]) => olderThan(own, others, apartMs(from, at))));
}

/** Two etcd clusters count by themselves: before the fault, most reads are then behind the writes, or most writes behind the reads. */
function ofOneHistory(reads: ByPlace, writes: ByPlace, clocks: Clocks, faultMs: number): boolean {
  const before = (places: ByPlace): ByPlace =>
    new Map([...places].map(([from, own]) => [from, own.filter(({ event }) => event.endedMs < faultMs)]));
  const [readBefore, writtenBefore] = [before(reads), before(writes)];
  const most = (places: ByPlace) => Math.max(1, [...places.values()].reduce((sum, own) => sum + own.length, 0) / 2);
  const distinct = (found: ReturnType<typeof pairs>) => new Set(found.map(({ one }) => one.line)).size;
  return (
    distinct(pairs(readBefore, writtenBefore, clocks)) <= most(readBefore) &&
    distinct(pairs(writtenBefore, readBefore, clocks)) <= most(writtenBefore)
  );
}
