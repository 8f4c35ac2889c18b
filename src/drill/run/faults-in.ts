/** The faults of one drill: put in, recorded, and healed whatever happens. */

import { Failure } from '../../model/failure.ts';
import type { Host } from '../../model/host.ts';
import type { FaultName, Injected } from '../faults/fault.ts';
import type { DrillContext } from './context.ts';
import type { DrillTools } from './drill-tools.ts';
import type { DrillPlan } from './plan-drill.ts';
import type { Running } from './running.ts';

export interface FaultsIn {
  /** All victims at the same time. Those that are in stay in when one cannot be put in: heal() heals them. */
  readonly inject: () => Promise<void>;
  /** The one that was put in first and is still in; false: there is none. */
  readonly healFirst: () => Promise<boolean>;
  /** All that are in, whatever was aborted. Throws the first DRILL_HEAL after all were tried. */
  readonly heal: () => Promise<void>;
}

/** Putting a fault in is never left half done: it has so long, and Ctrl-C waits for it. */
const injectSeconds = 90;
const healTries = 3;
const cutsOff = /^(machine-(isolated|deaf|mute)|master-cut-off)$/;

export function faultsIn(
  plan: DrillPlan,
  context: Pick<DrillContext, 'cluster' | 'connect' | 'power'>,
  { id, run }: { readonly id: string; readonly run: Running },
  { inject }: Pick<DrillTools, 'inject'>,
): FaultsIn {
  const { cluster, connect, power } = context;
  const inside: { readonly victim: Host; readonly fault: FaultName; readonly injected: Injected }[] = [];

  /** A kindness to the others, and never a reason to fail. */
  async function aside(machine: string, is: boolean): Promise<void> {
    await power?.aside?.(machine, is).catch(() => undefined);
  }

  async function injectOn(fault: FaultName, victim: Host): Promise<void> {
    const injected = await inject({
      fault,
      victim,
      view: { cluster, status: plan.status },
      connect,
      power,
      id,
      limitSeconds: plan.limitSeconds,
      signal: AbortSignal.timeout(injectSeconds * 1000),
    });
    inside.push({ victim, fault, injected });
    if (cutsOff.test(fault)) await aside(victim.name, true);
    run.record({ kind: 'fault', atMs: injected.atMs, fault, host: victim.name, state: 'injected' });
  }

  async function healOne({ victim, fault, injected }: (typeof inside)[number]): Promise<void> {
    // Before it is healed: then it has its work to do again.
    await aside(victim.name, false);
    const { atMs } = await persistently(injected.heal);
    run.record({ kind: 'fault', atMs, fault, host: victim.name, state: 'healed' });
  }

  /** A second Ctrl-C reaches the programs too that heal: then it is done once more. */
  async function persistently(heal: Injected['heal']): Promise<{ readonly atMs: number }> {
    for (let left = healTries - 1; ; left--) {
      try {
        return await heal();
      } catch (error) {
        if (left === 0) throw error;
        await run.clock.pause(1000);
      }
    }
  }

  return {
    async inject() {
      const { fault } = plan;
      if (fault === undefined) return;
      // Of a drill whose operator was lost.
      for (const { name } of cluster.hosts) await aside(name, false);
      const tried = await Promise.allSettled(plan.victims.map((victim) => injectOn(fault, victim)));
      const failed = tried.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
    async healFirst() {
      const first = inside.shift();
      if (first === undefined) return false;
      try {
        await healOne(first);
      } catch (error) {
        // heal() tries it once more.
        inside.push(first);
        throw error;
      }
      return true;
    },
    async heal() {
      const tried = await Promise.allSettled(inside.splice(0).map(healOne));
      const failures = tried.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      if (failures.length === 0) return;
      throw failures.find((error) => error instanceof Failure && error.code === 'DRILL_HEAL') ?? failures[0];
    },
  };
}
