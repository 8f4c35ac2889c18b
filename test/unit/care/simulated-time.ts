/** Events in the order of a clock that only runs when nothing is left to do, and that knows when the process stood still. */

/** timer: of this process, so late after a standstill, and then before what lies in the sockets, which is the worse order. */
export type EventKind = 'timer' | 'answer';

export interface SimulatedTime {
  readonly now: () => number;
  readonly at: (ms: number, kind: EventKind, run: () => unknown) => void;
  readonly runUntil: (ms: number) => void;
  /** The longest standstill that touched the time since then. */
  readonly stallSince: (ms: number) => number;
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => unknown;
}

/** Standstills from the first to the last, none overlapping another. */
export function simulatedTime(stalls: readonly (readonly [number, number])[]): SimulatedTime {
  const heap: Event[] = [];
  let [nowMs, count] = [0, 0];
  const before = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  const swap = (a: number, b: number): void => {
    const [one, other] = [heap[a], heap[b]];
    if (one === undefined || other === undefined) return;
    heap[a] = other;
    heap[b] = one;
  };
  const smaller = (a: number, b: number): boolean => {
    const [one, other] = [heap[a], heap[b]];
    return one !== undefined && other !== undefined && before(one, other);
  };
  /** The index of the last standstill that began by then, -1: none. */
  const lastBegunBy = (ms: number): number => {
    let [low, high] = [0, stalls.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((stalls[middle]?.[0] ?? Number.POSITIVE_INFINITY) <= ms) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const push = (event: Event): void => {
    let index = heap.push(event) - 1;
    while (index > 0 && smaller(index, (index - 1) >> 1)) {
      swap(index, (index - 1) >> 1);
      index = (index - 1) >> 1;
    }
  };
  const pop = (): Event | undefined => {
    swap(0, heap.length - 1);
    const event = heap.pop();
    for (let index = 0; ; ) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) if (smaller(child, least)) least = child;
      if (least === index) return event;
      swap(index, least);
      index = least;
    }
  };
  return {
    now: () => nowMs,
    at: (ms, kind, run) => {
      if (!Number.isFinite(ms)) return;
      const stall = stalls[lastBegunBy(ms)];
      count += 1;
      push({ atMs: stall === undefined ? ms : Math.max(ms, stall[1]), order: kind === 'timer' ? count : count + 1e12, run });
    },
    runUntil: (ms) => {
      for (let event = pop(); event !== undefined && event.atMs <= ms; event = pop()) {
        nowMs = Math.max(nowMs, event.atMs);
        event.run();
      }
    },
    stallSince: (ms) => {
      let longest = 0;
      for (let index = lastBegunBy(nowMs); index >= 0; index -= 1) {
        const [from, to] = stalls[index] ?? [0, 0];
        if (to < ms) break;
        longest = Math.max(longest, Math.min(to, nowMs) - from);
      }
      return longest;
    },
  };
}
