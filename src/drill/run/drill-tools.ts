/** What a drill is made of, passed in so that its order of things can be tested without machines. */

import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { KubernetesAccess } from '../../kubernetes/kubeconfig.ts';
import type { Connect } from '../../model/connection.ts';
import type { RecordedEvent } from '../../model/event.ts';
import type { Host } from '../../model/host.ts';
import type { AgentInput, RunningAgent } from '../agent/agent.ts';
import type { Application, ApplicationInput } from '../application/exercise.ts';
import type { DrillView } from '../drills/drill.ts';
import type { FaultName, Injected, InjectInput, LabPower } from '../faults/fault.ts';
import type { ProbePlan } from '../probes/probe-plan.ts';
import type { ClusterSampler, SampleInput } from '../samples/sample-cluster.ts';

/** Probes in this process's place. */
export interface OutsideProbes {
  readonly events: readonly RecordedEvent[];
  /** Settles when they end, by stop() or by themselves. */
  readonly ended: Promise<unknown>;
  readonly stop: () => Promise<readonly RecordedEvent[]>;
}

export interface DrillTools {
  /** Why the fault is not possible on this machine now; undefined where it is. */
  readonly whyNotPossible: (input: {
    readonly fault: FaultName;
    readonly victim: Host;
    readonly view: DrillView;
    readonly connect: Connect;
    readonly power: LabPower | undefined;
  }) => Promise<string | undefined>;
  /** In words, one for each fault that an earlier drill left on a machine. */
  readonly faultsLeftOn: (connect: Connect, hosts: readonly Host[]) => Promise<readonly string[]>;
  readonly inject: (input: InjectInput) => Promise<Injected>;
  readonly startAgent: (input: AgentInput) => Promise<RunningAgent>;
  readonly startProbes: (plan: ProbePlan) => OutsideProbes;
  /** What the operator's side sees of the cluster: nodes, leases, who holds the VIP, who leads etcd. */
  readonly sampleCluster: (input: SampleInput) => ClusterSampler;
  readonly installApplication: (input: ApplicationInput) => Promise<Application>;
  /** Whom the probe dns asks, and what for. */
  readonly clusterDns: (
    client: KubernetesClient,
    input: { readonly domain: string; readonly signal: AbortSignal },
  ) => Promise<NonNullable<ProbePlan['dns']>>;
  readonly client: (access: KubernetesAccess) => KubernetesClient;
  readonly clock: RunClock;
}

export interface RunClock {
  /** Milliseconds on the one clock of all recordings (probes/monotonic.ts). */
  readonly nowMs: () => number;
  readonly date: () => Date;
  /** Rejects with the signal's reason when it aborts. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>;
}
