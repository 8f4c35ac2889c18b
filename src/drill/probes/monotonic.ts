/** The one clock of a recording: CLOCK_MONOTONIC, the same in every process of this machine. */

/** Milliseconds since an arbitrary moment; never goes back. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
