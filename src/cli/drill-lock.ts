/** The lock of a drill: held on all masters, and kept as long as one that the fault is not on still has it. */

import { lockMachines } from '../engine/lock.ts';
import { type Cluster, masters } from '../model/cluster.ts';
import type { Connect } from '../model/connection.ts';
import type { Failure } from '../model/failure.ts';

export interface DrillLock {
  /** Settles when only victims are left to hold it, if any: a second operator could begin. Never, when all masters are victims. */
  readonly lost: (victims: readonly string[]) => Promise<Failure>;
  readonly release: () => Promise<void>;
}

export interface DrillLockInput {
  readonly cluster: Cluster;
  readonly connect: Connect;
  /** user@machine */
  readonly operator: string;
  readonly signal: AbortSignal;
}

/**
 * LOCKED says who has it: another drill, or trivet up. One lock for each master, since whoever comes needs them all: one that is left
 * keeps him away, and a victim's is lost by the fault itself.
 */
export async function lockForDrill({ cluster, connect, operator, signal }: DrillLockInput, lock = lockMachines): Promise<DrillLock> {
  const held: { readonly name: string; readonly lock: Awaited<ReturnType<typeof lockMachines>> }[] = [];
  const release = async () => void (await Promise.allSettled(held.map((one) => one.lock.release())));
  try {
    // In the same order as everybody else, so that of two operators one gets all.
    for (const host of masters(cluster).toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      held.push({ name: host.name, lock: await lock({ hosts: [host], connect, operator, signal }) });
    }
  } catch (error) {
    await release();
    throw error;
  }
  return {
    async lost(victims) {
      const others = held.filter(({ name }) => !victims.includes(name));
      if (others.length === 0) return new Promise(() => undefined);
      const failures = await Promise.all(others.map((one) => one.lock.lost));
      const [first] = failures;
      return first ?? new Promise(() => undefined);
    },
    release,
  };
}
