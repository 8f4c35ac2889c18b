/** Inside the lab's network: an application, the probes, the power-off, the timeline, and the healing. Exits 0 only if all went well. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { judgeWrites } from '../src/drill/judge-writes.ts';
import { longestGap } from '../src/drill/longest-gap.ts';
import { monotonicMs } from '../src/drill/probes/monotonic.ts';
import type { ProbeEvent } from '../src/drill/probes/probe-event.ts';
import type { ProbePlan } from '../src/drill/probes/probe-plan.ts';
import { type RunningProbes, startProbes } from '../src/drill/probes/start-probes.ts';
import { timeline } from '../src/drill/timeline.ts';
import { type KubernetesClient, kubernetesClient } from '../src/kubernetes/client.ts';
import { type KubernetesAccess, readKubeconfig } from '../src/kubernetes/kubeconfig.ts';
import { type Lab, requireLab } from '../src/lab/lab-file.ts';
import { labNetwork } from '../src/lab/lab-plan.ts';
import { powerOff, powerOn } from '../src/lab/power.ts';
import { stateDirectory } from '../src/local/directories.ts';
import type { Emit } from '../src/model/event.ts';
import { holders, readyNodes } from './cluster-view.ts';
import { deployHello, helloPort } from './hello.ts';
import { trivet, trivetOutput, trivetSucceeds } from './trivet.ts';
import { waitFor } from './wait-for.ts';
import { prepareWrites, probeNamespace, readWrites, removeWrites } from './written.ts';

/** Generous: what is promised stands in bench/. */
const budgetMs = 10_000;
const beforeMs = 3000;
const afterMs = 15_000;

const [labName = '', clusterFile = ''] = process.argv.slice(2);
const emit: Emit = (event) => {
  if (event.kind === 'progress')
    console.log(`  ${event.message}${event.usualSeconds === undefined ? '' : ` (usually ${event.usualSeconds} s)`}`);
};
try {
  process.exitCode = (await rehearse(await requireLab(labName))) ? 0 : 1;
} catch (error) {
  console.log(`  FAILED: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof Error && error.cause instanceof Error) console.log(`  ${error.cause.message}`);
  process.exitCode = 1;
}

async function rehearse(lab: Lab): Promise<boolean> {
  const access = readKubeconfig(await trivetOutput('kubeconfig', '-f', clusterFile));
  const client = kubernetesClient(access);
  const names = lab.machines.map((machine) => machine.name);
  await waitFor('all nodes Ready', 120, async () => (await readyNodes(client)).length === names.length);
  console.log('  deploying hello, three copies behind a node port (usually 5 s)');
  await deployHello(client);
  await prepareWrites(client);
  const holder = await theHolder(lab);
  const outage = await recordPowerOff(lab, holder, access, client);
  const healed = await heal(lab, holder, access, client);
  client.close();
  return outage && healed;
}

async function theHolder(lab: Lab): Promise<string> {
  let found: readonly string[] = [];
  await waitFor('one holder of the virtual address', 30, async () => {
    found = await holders(lab);
    return found.length === 1;
  });
  const [holder = ''] = found;
  console.log(`  ${holder} holds ${labNetwork.vip}, the address that all clients use`);
  return holder;
}

async function recordPowerOff(lab: Lab, holder: string, access: KubernetesAccess, client: KubernetesClient): Promise<boolean> {
  const run = randomBytes(4).toString('hex');
  const worker = lab.machines.find((machine) => machine.role === 'worker');
  const plan = {
    ...probePlan(access, run),
    probes: ['new connections' as const, 'reused connection' as const, 'writes' as const, 'application' as const],
    applicationUrl: `http://${worker?.address}:${helloPort}/`,
  };
  console.log(`  probing every ${plan.everyMs} ms: ${plan.probes.join(', ')} (${(beforeMs + afterMs) / 1000} s)`);
  const probes = startProbes(plan);
  await allServed(probes, plan.probes);
  const startMs = monotonicMs();
  await delay(beforeMs);
  let faultMs = monotonicMs();
  // What comes before is work on this box; clients notice nothing until the cable is out.
  const onCut: Emit = (event) => {
    if (event.kind === 'progress' && event.task === 'power') faultMs = monotonicMs();
    emit(event);
  };
  await powerOff({ lab: lab.name, machine: holder, emit: onCut });
  console.log(`  ${holder} has lost its power`);
  await delay(afterMs);
  const window = { startMs, endMs: monotonicMs() };
  const events = await probes.stop();
  save(run, events);
  console.log('');
  for (const line of timeline(events, { faultMs, fault: `power-off of ${holder}`, window })) console.log(`  ${line}`);
  if (of(events, 'application').some((event) => !event.ok && event.startedMs > faultMs)) {
    console.log('  A copy of the application was on that machine: Kubernetes goes on sending it requests for about 40 s.\n');
  }
  return judge(events, window, await readBack(client, run));
}

function judge(
  events: readonly ProbeEvent[],
  window: { readonly startMs: number; readonly endMs: number },
  readBack: ReadonlySet<number>,
): boolean {
  const gaps = ['new connections', 'writes'].map((probe) => longestGap(of(events, probe), window));
  const within = gaps.every((gap) => gap.firstSuccessMs !== undefined && gap.lengthMs <= budgetMs);
  const writes = judgeWrites(of(events, 'writes'), readBack);
  console.log(`  ${within ? 'ok    ' : 'FAILED'} the API came back within the demo's budget of ${budgetMs / 1000} s`);
  console.log(
    `  ${writes.lost.length === 0 ? 'ok    ' : 'FAILED'} ${writes.acknowledged} acknowledged writes read back, ${writes.lost.length} lost` +
      ` (${writes.failed} failed, ${writes.unacknowledgedButThere.length} more were carried out without an acknowledgement)`,
  );
  if (writes.lost.length > 0) console.log(`         lost: ${writes.lost.slice(0, 20).join(', ')}`);
  return within && writes.lost.length === 0 && writes.acknowledged > 0;
}

async function heal(lab: Lab, machine: string, access: KubernetesAccess, client: KubernetesClient): Promise<boolean> {
  const probes = startProbes({ ...probePlan(access, 'heal'), probes: ['new connections'], maximumSeconds: 600 });
  const startMs = monotonicMs();
  console.log(`  powering ${machine} on again; waiting until it is whole (usually 40 s)`);
  await powerOn({ lab: lab.name, machine, emit });
  await waitFor(`node ${machine} Ready`, 240, async () => (await readyNodes(client)).length === lab.machines.length);
  const healthy = () => trivetSucceeds('status', '-f', clusterFile);
  // Twice: an apiserver that has just started may say ready once, and not yet the next time.
  await waitFor('a healthy trivet status that lasts', 120, async () => (await healthy()) && (await delay(3000, true)) && healthy());
  const window = { startMs, endMs: monotonicMs() };
  const gap = longestGap(of(await probes.stop(), 'new connections'), window);
  const answered = gap.lengthMs <= budgetMs;
  console.log(
    `  ${answered ? 'ok    ' : 'FAILED'} ${machine} is back; meanwhile the API was never silent for more than ${(gap.lengthMs / 1000).toFixed(2)} s`,
  );
  await trivet('status', '-f', clusterFile);
  await removeWrites(client);
  return answered;
}

function probePlan(access: KubernetesAccess, run: string): Omit<ProbePlan, 'probes'> {
  return {
    from: "the lab's switch",
    api: { endpoints: [{ address: labNetwork.vip, port: 6443 }], ca: access.ca, cert: access.cert, key: access.key.reveal() },
    everyMs: 50,
    timeoutMs: 1000,
    maximumSeconds: 120,
    namespace: probeNamespace,
    run,
  };
}

/** Starting Node takes a moment; a fault must not come before every client was served. */
async function allServed(probes: RunningProbes, names: readonly string[]): Promise<void> {
  await waitFor('service for all probes', 30, async () =>
    names.every((name) => of(probes.events, name).filter((event) => event.ok).length >= 10),
  );
}

function of(events: readonly ProbeEvent[], probe: string): readonly ProbeEvent[] {
  return events.filter((event) => event.probe === probe);
}

async function readBack(client: KubernetesClient, run: string): Promise<ReadonlySet<number>> {
  let numbers: ReadonlySet<number> = new Set();
  await waitFor('reading the writes back', 60, async () => {
    numbers = await readWrites(client, run);
    return true;
  });
  return numbers;
}

/** The recording can be judged again from the file alone. */
function save(run: string, events: readonly ProbeEvent[]): void {
  const directory = join(stateDirectory(), 'logs');
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `demo-${run}.ndjson`);
  writeFileSync(path, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  console.log(`  recorded in ${path}`);
}
