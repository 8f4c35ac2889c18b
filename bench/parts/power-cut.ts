/** A machine loses its power while clients of every kind are at work, outside the cluster and on its worker. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultTimes } from '../../src/drill/judge-clients.ts';
import type { ApiEndpoint } from '../../src/drill/probes/api-dialer.ts';
import type { Patience } from '../../src/drill/probes/api-session.ts';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import type { ProbeEvent } from '../../src/drill/probes/probe-event.ts';
import type { ProbeKind, ProbePlan } from '../../src/drill/probes/probe-plan.ts';
import { type RunningProbes, startProbes } from '../../src/drill/probes/start-probes.ts';
import type { KubernetesAccess } from '../../src/kubernetes/kubeconfig.ts';
import { requireLab } from '../../src/lab/lab-file.ts';
import { machineId, namespacePath } from '../../src/lab/lab-names.ts';
import { labNetwork } from '../../src/lab/lab-plan.ts';
import { powerOff } from '../../src/lab/power.ts';
import { enterLab } from '../../src/lab/run-in-lab.ts';
import { stateDirectory } from '../../src/local/directories.ts';
import type { Emit } from '../../src/model/event.ts';
import { clientGoTimeouts } from '../../src/render/client-go-timeouts.ts';
import type { Reach } from './variant.ts';
import { writesNamespace } from './written-back.ts';

/** As trivet sets it for kubelets and the control plane's pods. */
export const patienceOfTrivet: Patience = {
  idleMs: Number(clientGoTimeouts[0].value) * 1000,
  pingMs: Number(clientGoTimeouts[1].value) * 1000,
};

export interface Clients {
  readonly lab: string;
  readonly access: KubernetesAccess;
  readonly reach: Reach;
  readonly patience: Patience;
  /** Tells this run's objects from those of others: a DNS label. */
  readonly run: string;
  readonly outside: readonly ProbeKind[];
  /** Empty: no clients on the worker. */
  readonly worker: readonly ProbeKind[];
  /** Between two attempts of a client; default 50. */
  readonly everyMs?: number;
}

export interface PowerCut {
  /** The whole recording of each place that has clients. */
  readonly outside: readonly ProbeEvent[];
  readonly worker: readonly ProbeEvent[];
  readonly times: FaultTimes;
}

const beforeMs = 3000;
/** A recording goes on until everyone is served again, but at least and at most so long after the fault. */
const atLeastMs = 9000;
const servedForMs = 2000;

/** Throws when the clients were not served before the fault. The machine stays off. */
export async function powerCut(clients: Clients, victim: string, atMostMs: number, signal?: AbortSignal): Promise<PowerCut> {
  const address = (await requireLab(clients.lab)).machines.find(({ name }) => name === victim)?.address ?? victim;
  const running = startClients(clients);
  try {
    await untilServed(running, signal);
    const startMs = monotonicMs();
    await pause(beforeMs, signal);
    let faultMs = monotonicMs();
    // What comes before is work on this box; clients notice nothing until the cable is out.
    const emit: Emit = (event) => {
      if (event.kind === 'progress' && event.message.includes('cut off')) faultMs = monotonicMs();
    };
    await powerOff({ lab: clients.lab, machine: victim, emit });
    for (let passedMs = 0; passedMs < atMostMs && (passedMs < atLeastMs || !servedAgain(running, faultMs)); passedMs += 250) {
      await pause(250, signal);
    }
    const window = { startMs, endMs: monotonicMs() };
    const [outside, worker] = await Promise.all([running.outside.probes.stop(), running.worker?.probes.stop() ?? []]);
    await saveRecording(clients.run, [...outside, ...worker]);
    return { outside, worker, times: { faultMs, window, victim: address } };
  } catch (error) {
    await stopClients(running);
    throw error;
  }
}

interface Place {
  readonly kinds: readonly ProbeKind[];
  readonly probes: RunningProbes;
}

export interface RunningClients {
  readonly outside: Place;
  readonly worker: Place | undefined;
}

export function startClients(clients: Clients): RunningClients {
  const { lab, reach } = clients;
  const outside = startProbes(planOf(clients, 'outside', reach.outside, clients.outside), enterLab(lab, []));
  const enterWorker = ['nsenter', `--net=${namespacePath(machineId(lab, 'w1'))}`, '--'];
  return {
    outside: { kinds: clients.outside, probes: outside },
    worker:
      clients.worker.length === 0
        ? undefined
        : { kinds: clients.worker, probes: startProbes(planOf(clients, 'worker', reach.worker, clients.worker), enterWorker) },
  };
}

/** Ends what still runs; for when something else has gone wrong already. */
export async function stopClients({ outside, worker }: RunningClients): Promise<void> {
  await Promise.allSettled([outside.probes.stop(), worker?.probes.stop()]);
}

function planOf(
  { access, run, reach, patience, everyMs }: Clients,
  from: string,
  endpoints: readonly ApiEndpoint[],
  probes: readonly ProbeKind[],
): ProbePlan {
  return {
    from,
    api: { endpoints, serverName: labNetwork.domain, ca: access.ca, cert: access.cert, key: access.key.reveal() },
    direct: reach.direct,
    node: 'w1',
    patience,
    probes,
    everyMs: everyMs ?? 50,
    timeoutMs: 1000,
    maximumSeconds: 600,
    namespace: writesNamespace,
    run,
  };
}

/** Starting Node takes a moment, and a kubelet's answers come twice a second: the window begins when everyone was served for a while. */
export async function untilServed(running: RunningClients, signal?: AbortSignal): Promise<void> {
  const enough = (kind: ProbeKind) => (kind === 'kubelet' ? 2 : 20);
  const missing = () =>
    places(running).flatMap(({ kinds, probes }) =>
      kinds.filter((kind) => probes.events.filter((event) => event.probe === kind && event.ok).length < enough(kind)),
    );
  for (let waited = 0; missing().length > 0; waited++) {
    if (waited > 600) throw new Error(`not served within 60 s: ${missing().join(', ')}`);
    await pause(100, signal);
  }
}

/** Whether each client (of the watches, each of them) has been served since its last failure, and that was a while ago. */
function servedAgain(running: RunningClients, faultMs: number): boolean {
  const nowMs = monotonicMs();
  return places(running).every(({ kinds, probes }) =>
    kinds.every((kind) => {
      const clients = Map.groupBy(
        probes.events.filter((event) => event.probe === kind),
        (event) => (kind === 'watch' ? (event.detail ?? '').split(' ')[0] : kind),
      );
      return [...clients.values()].every((events) => {
        const failedMs = Math.max(faultMs, ...events.filter((event) => !event.ok).map((event) => event.endedMs));
        // A change begins with the change before it.
        const served = events.some((event) => event.ok && (kind === 'watch' ? event.endedMs : event.startedMs) >= failedMs);
        return served && nowMs - failedMs > servedForMs;
      });
    }),
  );
}

function places({ outside, worker }: RunningClients): readonly Place[] {
  return worker === undefined ? [outside] : [outside, worker];
}

/** The recording can be judged again. */
async function saveRecording(run: string, events: readonly ProbeEvent[]): Promise<void> {
  const directory = join(stateDirectory(), 'logs');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, `power-cut-${run}.ndjson`), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal });
}
