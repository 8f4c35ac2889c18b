/** Of a client's buckets what fits into a picture: columns, the runs among them, and how things stand at the end. */

/** `count` columns for the time between two moments, in milliseconds since the recording's start; each has the bits of all its buckets. */
export function laneColumns(bits: readonly number[], bucketMs: number, fromMs: number, toMs: number, count: number): readonly number[] {
  const columns = Array.from({ length: count }, () => 0);
  const first = Math.max(0, Math.floor(fromMs / bucketMs));
  const last = Math.min(bits.length - 1, Math.ceil(toMs / bucketMs) - 1);
  const perMs = count / (toMs - fromMs);
  for (let bucket = first; bucket <= last; bucket++) {
    const value = bits[bucket] ?? 0;
    if (value === 0) continue;
    const from = Math.max(0, Math.floor((bucket * bucketMs - fromMs) * perMs));
    const to = Math.min(count, Math.max(from + 1, Math.round(((bucket + 1) * bucketMs - fromMs) * perMs)));
    for (let column = from; column < to; column++) columns[column] = (columns[column] ?? 0) | value;
  }
  return columns;
}

/** Served: full height. Not served: the lower part only, so that it is told without colours too. One path for each of the three. */
export function lanePaths(columns: readonly number[], height: number): Readonly<Record<'good' | 'mixed' | 'bad', string>> {
  const paths = { good: '', mixed: '', bad: '' };
  for (let from = 0; from < columns.length; ) {
    const bits = columns[from] ?? 0;
    let to = from + 1;
    while (to < columns.length && columns[to] === bits) to += 1;
    const kind = bits === 1 ? 'good' : bits === 2 ? 'bad' : 'mixed';
    const top = kind === 'good' ? 0 : kind === 'mixed' ? height * 0.35 : height * 0.7;
    if (bits !== 0) paths[kind] += `M${from} ${top}H${to}V${height}H${from}z`;
    from = to;
  }
  return paths;
}

/** What is asked for most comes first, as in the report; of the rest by name. */
const order = ['new connections', 'linearizable reads', 'writes', 'reused connection', 'watch', 'kubelet', 'application', 'dns'];

/** By probe, then by place, outside first. */
export function compareLanes(a: Place, b: Place): number {
  const rank = ({ probe }: Place) => (order.includes(probe) ? order.indexOf(probe) : order.length);
  const outside = ({ from }: Place) => (from === 'outside' ? 0 : 1);
  return rank(a) - rank(b) || a.probe.localeCompare(b.probe) || outside(a) - outside(b) || a.from.localeCompare(b.from);
}

interface Place {
  readonly probe: string;
  readonly from: string;
}

export interface LaneNow {
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'none';
}

/** The last two seconds are awaited: an attempt is known only when it has ended. */
const awaitedMs = 2000;

export function laneNow(bits: readonly number[], bucketMs: number, nowMs: number): LaneNow {
  let last = bits.length - 1;
  while (last >= 0 && (bits[last] ?? 0) === 0) last -= 1;
  if (last < 0) return { text: 'not asked yet', tone: 'none' };
  let since = last;
  while (since >= 0 && ((bits[since] ?? 0) & 1) === 0) since -= 1;
  if (since < last) {
    const missing = Math.max(bucketMs, (last - since) * bucketMs);
    return { text: `not served for ${(missing / 1000).toFixed(1)} s`, tone: 'bad' };
  }
  const quietMs = nowMs - (last + 1) * bucketMs;
  if (quietMs > awaitedMs) return { text: `nothing for ${(quietMs / 1000).toFixed(0)} s`, tone: 'none' };
  return { text: 'served', tone: 'good' };
}
