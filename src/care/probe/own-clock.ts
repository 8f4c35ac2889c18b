/** The monotonic clock, and by how much this very process was late: what was missed while it stood still says nothing about a backend. */

export interface OwnClock {
  /** Milliseconds of CLOCK_MONOTONIC, so that other processes of this machine can compare. */
  readonly now: () => number;
  /** The longest standstill, in milliseconds, that touched the time since `startedMs`. */
  readonly delaySince: (startedMs: number) => number;
  readonly close: () => void;
}

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

interface Stall {
  readonly endedMs: number;
  readonly lateMs: number;
}

/** perf_hooks' monitorEventLoopDelay wakes every 10 ms and keeps a histogram; a beat of 50 ms says as much for a fifth of the cost. */
export function openOwnClock(now: () => number = monotonicMs, beatMs = 50): OwnClock {
  let expectedMs = now() + beatMs;
  let stalls: readonly Stall[] = [];
  const overdue = (): number => Math.max(0, now() - expectedMs);
  const beat = setInterval(() => {
    const lateMs = overdue();
    const endedMs = now();
    expectedMs = endedMs + beatMs;
    if (lateMs > 10) stalls = [...stalls.filter((stall) => stall.endedMs > endedMs - 30_000).slice(-99), { endedMs, lateMs }];
  }, beatMs);
  beat.unref();
  return {
    now,
    delaySince: (startedMs) => Math.max(overdue(), ...stalls.filter(({ endedMs }) => endedMs >= startedMs).map(({ lateMs }) => lateMs)),
    close: () => clearInterval(beat),
  };
}
