/** What went wrong with data, as reasons: these fail a drill whatever its budgets are. */

import type { Recording } from '../recording/recording.ts';
import { acknowledgedBetween, type DataFinding, type WriteFigures } from './judge-data.ts';
import type { FaultTimes } from './lanes.ts';
import { numbers, plural, type Reason, reason } from './reason.ts';
import type { StaleReads } from './stale-reads.ts';

/** A write may be on its way when the quorum goes. */
const underWayMs = 1000;

export function dataReasons(
  recording: Recording,
  writes: readonly WriteFigures[],
  stale: StaleReads,
  fault: FaultTimes,
): readonly Reason[] {
  return [
    ...writes.flatMap(reasonsOfWrites),
    ...reasonOfStale(stale.findings),
    ...reasonOfHistory(stale),
    ...reasonOfQuorum(recording, fault),
  ];
}

function reasonsOfWrites({
  from,
  acknowledged,
  readBackLine,
  lost,
  refusedButThere,
  outOfOrder,
  foreign,
  ordered,
}: WriteFigures): Reason[] {
  const reasons: Reason[] = [];
  const fail = (rule: string, findings: readonly DataFinding[], text: (numbers: string) => string) => {
    if (findings.length === 0) return;
    const lines = [...findings.map(({ line }) => line), ...(readBackLine === undefined ? [] : [readBackLine])];
    reasons.push(reason('fail', rule, text(numbers(findings.map(({ number = 0 }) => number))), { lines, atMs: findings[0]?.atMs }));
  };
  fail('lost-write', lost, (which) => `${plural(lost.length, 'acknowledged write')} from ${from} lost: ${which}`);
  fail(
    'refused-but-there',
    refusedButThere,
    (which) => `${plural(refusedButThere.length, 'write')} from ${from} refused, but there: ${which}`,
  );
  fail(
    'out-of-order',
    outOfOrder,
    (which) => `${plural(outOfOrder.length, 'write')} from ${from} before an earlier acknowledged one in etcd's history: ${which}`,
  );
  if (foreign.length > 0) {
    const text = `${plural(foreign.length, 'write')} there that nobody at ${from} made: ${numbers(foreign)}`;
    reasons.push(reason('fail', 'foreign-write', text, readBackLine === undefined ? {} : { lines: [readBackLine] }));
  }
  if (readBackLine === undefined && acknowledged > 0) {
    reasons.push(reason('inconclusive', 'not-read-back', `${plural(acknowledged, 'acknowledged write')} from ${from} never read back`));
  }
  if (readBackLine !== undefined && acknowledged > 0 && !ordered) {
    reasons.push(reason('note', 'order-not-told', `the order of writes from ${from} was not recorded, so it is not judged`));
  }
  return reasons;
}

function reasonOfStale(stale: readonly DataFinding[]): readonly Reason[] {
  const [first] = stale;
  if (first === undefined) return [];
  const than = first.against === undefined ? '' : `, when revision ${first.against.revision} had been seen before it began`;
  const text = `${plural(stale.length, 'stale read')}: the first shows revision ${first.revision}${than}`;
  const lines = stale.flatMap(({ line, against }) => (against === undefined ? [line] : [line, against.line]));
  return [reason('fail', 'stale-read', text, { lines, atMs: first.atMs })];
}

function reasonOfHistory({ oneHistory }: StaleReads): readonly Reason[] {
  const text = 'reads show the revisions of another etcd than writes do, so that stale reads are not told by the writes';
  return oneHistory ? [] : [reason('note', 'two-histories', text)];
}

/** Only where the fault costs the quorum. */
function reasonOfQuorum(recording: Recording, { allInMs, firstHealedMs }: FaultTimes): readonly Reason[] {
  if (recording.header.expects !== 'no-writes' || allInMs === undefined) return [];
  const found = acknowledgedBetween(recording, allInMs + underWayMs, firstHealedMs ?? recording.endMs);
  if (found.length === 0) return [];
  const text = `${plural(found.length, 'write')} acknowledged while etcd had no quorum`;
  return [reason('fail', 'write-without-quorum', text, { lines: found.map(({ line }) => line), atMs: found[0]?.atMs })];
}
