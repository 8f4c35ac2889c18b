/** A look at the cluster before a drill, after the elections that are under way. */

import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterStatus } from '../status/cluster-status.ts';

/** A lease that is not renewed is taken over after its 15 s, and asked for every 2 s. */
const electedWithinMs = 30_000;

/**
 * Whoever led on a machine that was cut off a moment ago may give up only now: that a controller manager or scheduler is being chosen is
 * nothing to refuse a drill for. Whatever else is wrong is told at once.
 */
export async function lookSettled(
  look: () => Promise<ClusterStatus>,
  { signal, everyMs = 2000 }: { readonly signal: AbortSignal; readonly everyMs?: number },
): Promise<ClusterStatus> {
  const endMs = performance.now() + electedWithinMs;
  for (;;) {
    const status = await look();
    const electing = status.leaders.filter(({ current }) => !current).length;
    if (status.healthy || status.problems.length > electing || performance.now() >= endMs) return status;
    await delay(everyMs, undefined, { signal });
  }
}
