/** Flap damping: a backend that goes DOWN again and again is held down, each time twice as long. */

import type { HealthPolicy } from '../settings.ts';
import type { BackendHealth } from './backend-health.ts';

/** More than any sensible flapCount; a value that grows for ever is none. */
const downsMost = 100;

/**
 * For a backend that goes DOWN at `nowMs`: the hold, if this was once too often. A backend that was held before is held at once, twice as
 * long, unless it has been quiet for flapWindowMs since the last DOWN and since the end of the last hold.
 */
export function holdAfterDown(
  before: BackendHealth,
  nowMs: number,
  policy: HealthPolicy,
): Pick<BackendHealth, 'downsMs' | 'holdMs' | 'heldUntilMs'> {
  const downsMs = [...before.downsMs.filter((ms) => ms > nowMs - policy.flapWindowMs), nowMs].slice(-downsMost);
  const quietSinceMs = Math.max(before.heldUntilMs, before.downsMs.at(-1) ?? Number.NEGATIVE_INFINITY);
  const held = before.holdMs > 0 && nowMs - quietSinceMs <= policy.flapWindowMs;
  if (!held && downsMs.length < policy.flapCount) return { downsMs, holdMs: 0, heldUntilMs: before.heldUntilMs };
  const holdMs = Math.min(held ? 2 * before.holdMs : policy.holdDownMs, policy.holdDownMostMs);
  return { downsMs, holdMs, heldUntilMs: Math.max(before.heldUntilMs, nowMs + holdMs) };
}
