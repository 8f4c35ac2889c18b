/** The clients of the failover benchmark: how they are started, when they count as served, where their recordings go. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProbeEvent } from '../../src/drill/probes/probe-event.ts';
import type { ProbePlan } from '../../src/drill/probes/probe-plan.ts';
import { type RunningProbes, startProbes } from '../../src/drill/probes/start-probes.ts';
import type { KubernetesAccess } from '../../src/kubernetes/kubeconfig.ts';
import { labNetwork } from '../../src/lab/lab-plan.ts';
import { enterLab } from '../../src/lab/run-in-lab.ts';
import { stateDirectory } from '../../src/local/directories.ts';
import { writesNamespace } from './written-back.ts';

export interface ProbesInput {
  readonly lab: string;
  readonly access: KubernetesAccess;
  /** Tells this run's writes from those of others. */
  readonly run: string;
  readonly probes: ProbePlan['probes'];
}

/** Every 50 ms a new connection of each client, given up after 1 s, from the lab's switch; they end after ten minutes at most. */
export function startBenchProbes({ lab, access, run, probes }: ProbesInput): RunningProbes {
  const plan: ProbePlan = {
    from: "the lab's switch",
    api: { address: labNetwork.vip, port: 6443, ca: access.ca, cert: access.cert, key: access.key.reveal() },
    probes,
    everyMs: 50,
    timeoutMs: 1000,
    maximumSeconds: 600,
    namespace: writesNamespace,
    run,
  };
  return startProbes(plan, enterLab(lab, []));
}

/** Starting Node takes a moment: the window begins when every client has been served for a while. */
export async function untilServed(running: RunningProbes, names: readonly string[], signal: AbortSignal): Promise<void> {
  const served = () => names.every((name) => eventsOf(running.events, name).filter((event) => event.ok).length >= 20);
  for (let waited = 0; !served(); waited++) {
    if (waited > 300) throw new Error('the probes were not served within 30 s');
    await delay(100, undefined, { signal });
  }
}

/** The recording can be judged again. */
export async function saveRecording(run: string, events: readonly ProbeEvent[]): Promise<void> {
  const directory = join(stateDirectory(), 'logs');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, `bench-failover-${run}.ndjson`), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

/** Those of one probe. */
export function eventsOf(events: readonly ProbeEvent[], probe: string): readonly ProbeEvent[] {
  return events.filter((event) => event.probe === probe);
}
