/** Ends everything that belongs to a machine, found by the machine's own cgroups and by nothing else. */

import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cgroups } from './cgroups.ts';

/** Resolves to true when nothing is left of its processes and cgroups, to false when something still is after 20 s. */
export async function killMachine(id: string, cgroups: Cgroups): Promise<boolean> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; ) {
    const pids = await cgroups.pids(id);
    for (const pid of pids) kill(pid);
    if (pids.length > 0) await cgroups.thaw(id);
    if (await cgroups.remove(id)) {
      await rm(`/run/systemd/nspawn/propagate/${id}`, { recursive: true, force: true });
      return true;
    }
    await delay(20);
  }
  return false;
}

/** It may have ended since it was listed. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
}
