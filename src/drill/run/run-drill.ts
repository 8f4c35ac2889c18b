/** Runs one drill: makes ready, lets the clients loose, goes through its course, writes the recording, judges it by that alone. */

import { join } from 'node:path';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { RecordedEvent } from '../../model/event.ts';
import { Failure } from '../../model/failure.ts';
import type { Application, ApplicationInput } from '../application/exercise.ts';
import type { Patience } from '../probes/api-session.ts';
import { readRecording } from '../recording/read-recording.ts';
import type { HeaderInput } from '../recording/recorder.ts';
import type { RecordingHeader } from '../recording/recording.ts';
import { type Judged, judged } from '../report/judged.ts';
import { type Stopped, startClients } from './clients.ts';
import type { DrillContext } from './context.ts';
import { course } from './course.ts';
import type { DrillTools } from './drill-tools.ts';
import { faultsIn } from './faults-in.ts';
import { type ApplicationPlace, outside, type Places, placesOf } from './places.ts';
import { type DrillPlan, exerciseSeconds, refused } from './plan-drill.ts';
import { recordingFile } from './recording-file.ts';
import { notServed, type Running, running } from './running.ts';
import { servedClients } from './served.ts';
import { survivorsFirst } from './survivors-first.ts';
import { firstWrite, makeNamespace, readBack, removeNamespace } from './writes.ts';

export interface RunOptions {
  /** Lower-case letters and digits: tells this drill's objects and units from those of others. */
  readonly id: string;
  /** The user's own, by name, beside what the cluster file and the scheme say. */
  readonly budgets: ReadonlyMap<string, number>;
  /** As trivet sets it for the cluster's own clients. */
  readonly patience: Patience;
  /** Machines on which clients stand, by name; undefined: a worker and every master. */
  readonly clientsOn?: readonly string[] | undefined;
}

export interface DrillResult {
  readonly drill: string;
  readonly victims: readonly string[];
  /** Path of the recording. */
  readonly recording: string;
  readonly judged: Judged;
}

/** Clients and agents end by themselves after what the drill may last at most, and this. */
const spareSeconds = 900;
/** After a fault whose operator is lost: until the machine has undone it, and a little of what came then. */
const aloneSpareSeconds = 30;

/**
 * The plan is a fresh one, and whoever calls keeps other drills away. Failures are thrown after the fault was healed and the
 * recording was ended as not complete; an aborted signal gives its own reason.
 */
export async function runDrill(plan: DrillPlan, context: DrillContext, options: RunOptions, tools: DrillTools): Promise<DrillResult> {
  const { signal, emit } = context;
  const client = tools.client(survivorsFirst(context.access, plan.victims));
  const namespace = `trivet-drill-${options.id}`;
  let application: Application | undefined;
  const cleanly = async (what: string, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      emit({ kind: 'warning', message: `${what} was not taken away: ${error instanceof Error ? error.message : String(error)}` });
    }
  };
  try {
    emit({
      kind: 'progress',
      task: `drill ${plan.drill.name}`,
      message: 'making ready: a namespace, clients on the machines',
      usualSeconds: 15,
    });
    await makeNamespace(client, namespace, signal);
    signal.throwIfAborted();
    if (plan.drill.act.kind === 'exercise') {
      emit({ kind: 'progress', task: `drill ${plan.drill.name}`, message: 'installing the application', usualSeconds: 20 });
      application = await install({ client, status: plan.status, id: options.id, signal }, plan, tools);
      signal.throwIfAborted();
    }
    return await withClients({ plan, context, options, tools, client, namespace, application });
  } finally {
    const installed = application;
    if (installed !== undefined) await cleanly('the application', () => installed.remove());
    await cleanly(`the namespace ${namespace}`, () => removeNamespace(client, namespace));
    client.close();
  }
}

/** An application that cannot run there is no failure of the exercise. */
async function install(
  input: ApplicationInput,
  { drill }: DrillPlan,
  { installApplication }: Pick<DrillTools, 'installApplication'>,
): Promise<Application> {
  try {
    return await installApplication(input);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'DRILL_EXERCISE') throw error;
    const { findings, remedy } = error;
    throw refused(drill, error.message, { findings, ...(remedy !== undefined && { remedy }) });
  }
}

interface Ready {
  readonly plan: DrillPlan;
  readonly context: DrillContext;
  readonly options: RunOptions;
  readonly tools: DrillTools;
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly application: Application | undefined;
}

async function withClients(ready: Ready): Promise<DrillResult> {
  const { plan, context, options, tools, namespace, application } = ready;
  const { cluster, access, signal, emit } = context;
  const { clock } = tools;
  const maximumSeconds = Math.min(3600, plan.limitSeconds + spareSeconds + (application === undefined ? 0 : exerciseSeconds));
  const places = placesOf({
    cluster,
    plan,
    access,
    namespace,
    run: options.id,
    patience: options.patience,
    clientsOn: options.clientsOn,
    maximumSeconds,
    application: await applicationPlace(ready),
  });
  const clients = await startClients(
    places,
    context,
    { id: options.id, maximumSeconds, aloneSeconds: plan.limitSeconds + aloneSpareSeconds, signal },
    tools,
  );
  const run = running({ clients, served: servedClients(places.planned), clock, emit, signal, task: plan.drill.name });
  let stopped: Promise<Stopped> | undefined;
  const stop = () => {
    stopped ??= clients.stop();
    return stopped;
  };
  try {
    run.say('waiting until all clients are served', 5);
    const missing = await run.until(run.served.notYet, 60_000);
    if (missing.length > 0) throw notServed(missing);
    return await recorded(ready, places, run, stop);
  } finally {
    run.end();
    await stop().catch(() => undefined);
  }
}

async function applicationPlace({ application, client, context, tools }: Ready): Promise<ApplicationPlace | undefined> {
  if (application === undefined) return undefined;
  const { nodePort, clusterIp } = application;
  const { cluster, signal } = context;
  return { nodePort, clusterIp, dns: await tools.clusterDns(client, { domain: cluster.network.dnsDomain, signal }) };
}

/** From the recording's first line to the verdict. */
async function recorded(
  { plan, context, options, tools, client, namespace, application }: Ready,
  places: Places,
  run: Running,
  stop: () => Promise<Stopped>,
): Promise<DrillResult> {
  const { clock } = tools;
  const startedAt = clock.date();
  const header = headerOf(plan, context, places, startedAt);
  const startMs = clock.nowMs();
  const file = recordingFile(join(context.recordings, nameOf(plan, context.cluster, startedAt)), header, startMs);
  run.open(file);
  const faults = faultsIn(plan, context, { id: options.id, run }, tools);
  let trouble: unknown;
  try {
    await course({ plan, run, faults, application, look: context.look });
  } catch (error) {
    trouble = error ?? new Failure('INTERNAL', 'stopped without a reason');
  }
  run.say('fetching what the machines recorded', 3);
  const { events, clocks, missing } = await stop();
  run.end();
  for (const what of missing)
    run.record({ kind: 'warning', atMs: clock.nowMs(), message: `not all that was recorded could be fetched: ${what}` });
  if (trouble === undefined) {
    run.say('reading the writes back', 2);
    await readWritesBack(client, { namespace, run: options.id, first: firstWrite(events, startMs) }, run);
  }
  const path = file.end({
    events: [...run.own, ...events],
    clocks: clocks.filter(({ errorMs }) => Number.isFinite(errorMs)),
    endMs: clock.nowMs(),
    complete: trouble === undefined,
  });
  if (trouble !== undefined) {
    context.emit({ kind: 'warning', message: `the drill was stopped; what it recorded until then is in ${path}` });
    throw trouble;
  }
  const victims = plan.victims.map(({ name }) => name);
  return { drill: plan.drill.name, victims, recording: path, judged: judged(await readRecording(path), options.budgets) };
}

/** A cluster that does not answer is told by the verdict: the writes were never read back. */
async function readWritesBack(
  client: KubernetesClient,
  writes: { readonly namespace: string; readonly run: string; readonly first: number },
  run: Running,
): Promise<void> {
  try {
    const event: RecordedEvent = await readBack(client, { ...writes, from: outside }, run.clock.nowMs);
    run.record(event);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    run.record({ kind: 'warning', atMs: run.clock.nowMs(), message: `the writes could not be read back: ${error.message}` });
  }
}

function headerOf(plan: DrillPlan, { cluster, trivet }: DrillContext, places: Places, startedAt: Date): HeaderInput {
  const { drill } = plan;
  const expects: RecordingHeader['expects'] = drill.expects;
  return {
    trivet,
    cluster: cluster.name,
    scheme: cluster.scheme.variant,
    profile: cluster.profile,
    drill: drill.name,
    fault: faultWords(plan),
    machines: cluster.hosts.map(({ name, internalAddress, roles }) => ({ name, address: internalAddress, roles })),
    probes: places.planned,
    startedAt: startedAt.toISOString(),
    ...(expects === 'no-writes' && { expects }),
    budgets: cluster.drillBudgets,
  };
}

/** `machine-power-off of m1`, `rolling-update while m2 is down`. */
function faultWords({ drill, fault, victims }: DrillPlan): string {
  const names = victims.map(({ name }) => name).join(' and ');
  if (drill.act.kind === 'fault') return `${drill.act.fault} of ${names}`;
  return fault === undefined ? drill.act.exercise : `${drill.act.exercise} while ${names} is down`;
}

/** LAB-vip-on-masters-haproxy-machine-power-off-m1-20261121T171500Z.ndjson */
function nameOf({ drill, victims }: DrillPlan, cluster: Cluster, at: Date): string {
  const time = at.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const parts = [cluster.name, cluster.scheme.variant, drill.name, ...victims.map(({ name }) => name), time];
  return `${parts.join('-').replaceAll(/[^A-Za-z0-9.-]+/g, '-')}.ndjson`;
}
