/** What time it is here when a machine's clock shows something: by exchanges with it, and a bound on how far clocks run apart. Pure. */

/** One question and its answer: asked and heard by this machine's monotonic clock, answered by the other's. */
export interface Exchange {
  readonly sentMs: number;
  readonly machineMs: number;
  readonly receivedMs: number;
}

/** Of this machine's monotonic clock. The true time is at most errorMs away, whatever the network's delays were. */
export interface Moment {
  readonly ms: number;
  readonly errorMs: number;
}

export interface MachineClock {
  /** Exchanges come in the order in which they were answered. */
  readonly add: (exchange: Exchange) => void;
  /** undefined before the first exchange. */
  readonly at: (machineMs: number) => Moment | undefined;
}

/**
 * Two clocks run apart by no more than this: quartz is good to 100 ppm. While NTP corrects a large offset it may be more; then
 * exchanges contradict each other, and the error says so.
 */
export const driftLimit = 200e-6;

/** So many exchanges on either side of a moment are asked: further ones add more drift than they can take away in delay. */
const neighbours = 40;
/** Of exchanges within so long the quickest is kept. */
const windowMs = 1000;

export function machineClock(limit = driftLimit): MachineClock {
  const kept: Exchange[] = [];
  return {
    add(exchange) {
      const last = kept.at(-1);
      if (last === undefined || window(last) !== window(exchange)) kept.push(exchange);
      else if (roundTrip(exchange) < roundTrip(last)) kept[kept.length - 1] = exchange;
    },
    at(machineMs) {
      const after = firstAfter(kept, machineMs);
      return momentOf(kept.slice(Math.max(0, after - neighbours), after + neighbours), machineMs, limit);
    },
  };
}

/**
 * Each exchange says: the machine's clock showed machineMs somewhere between sentMs and receivedMs. From there the two clocks went
 * apart by no more than the limit, in either direction: an interval, which is the wider the longer ago that was. The moment
 * lies in all of these intervals.
 */
export function momentOf(exchanges: readonly Exchange[], machineMs: number, limit = driftLimit): Moment | undefined {
  const intervals = exchanges.map((exchange) => intervalOf(exchange, machineMs, limit));
  const [first] = intervals;
  if (first === undefined) return undefined;
  const earliest = Math.max(...intervals.map(({ from }) => from));
  const latest = Math.min(...intervals.map(({ to }) => to));
  if (earliest <= latest) return { ms: (earliest + latest) / 2, errorMs: (latest - earliest) / 2 };
  // They contradict each other: the machine's clock stood still (a paused virtual machine) or ran faster than the limit.
  const best = intervals.reduce((a, b) => (b.to - b.from < a.to - a.from ? b : a), first);
  return { ms: (best.from + best.to) / 2, errorMs: (best.to - best.from) / 2 + (earliest - latest) };
}

function intervalOf(
  { sentMs, machineMs, receivedMs }: Exchange,
  atMs: number,
  limit: number,
): { readonly from: number; readonly to: number } {
  const passed = atMs - machineMs;
  // The limit is of one clock against the other; seen from this side it is larger by its square.
  const apart = Math.abs(passed) * (limit / (1 - limit));
  return { from: sentMs + passed - apart, to: receivedMs + passed + apart };
}

function roundTrip({ sentMs, receivedMs }: Exchange): number {
  return receivedMs - sentMs;
}

function window({ machineMs }: Exchange): number {
  return Math.floor(machineMs / windowMs);
}

function firstAfter(exchanges: readonly Exchange[], machineMs: number): number {
  let [low, high] = [0, exchanges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((exchanges[middle]?.machineMs ?? 0) <= machineMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
