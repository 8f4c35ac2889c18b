/** Slow is not frozen: one that fell for its silence and soon answered again may be silent for longer the next time. */

import type { BackendHealth } from './backend-health.ts';

/** Back within so long it was slow: of 130 such falls on an overloaded box 90 % were over in 3 s. A crash is refused; what hangs, hangs longer. */
const slowMs = 5000;
/** Twice what a fall takes that nothing was learned from; then doubled. The most is below the 10 s that a watch may be without news. */
const firstMs = 2000;
const mostMs = 8000;
/** Since the last such fall. */
const forgottenMs = 600_000;

/** Milliseconds for which the process must have said nothing before silence alone makes it DOWN; 0: nothing was learned. */
export function patienceOf({ patienceMs, patientUntilMs }: BackendHealth, nowMs: number): number {
  return nowMs < patientUntilMs ? patienceMs : 0;
}

/**
 * Of a backend that leaves DOWN; undefined: nothing is to be learned from it. To cut a slow one's connections makes it slower: its clients list everything anew, at the others, which
 * then are the slow ones (load of 24 on two cores: six such falls within a minute while one kubelet was dead, measured).
 */
export function learnPatience(before: BackendHealth, nowMs: number): Pick<BackendHealth, 'patienceMs' | 'patientUntilMs'> | undefined {
  if (!before.fellSilent || nowMs - before.sinceMs > slowMs) return undefined;
  const patienceMs = Math.min(Math.max(firstMs, 2 * patienceOf(before, nowMs)), mostMs);
  return { patienceMs, patientUntilMs: nowMs + forgottenMs };
}
