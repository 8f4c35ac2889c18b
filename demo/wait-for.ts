/** Waits until something is so. */

import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** Asks twice a second; an error counts as not yet. Throws with the last error after the deadline. */
export async function waitFor(what: string, deadlineSeconds: number, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + deadlineSeconds * 1000;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      if (await isSo()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await delay(500);
  }
  throw new Error(`${what} did not come within ${deadlineSeconds} s`, { cause: last });
}
