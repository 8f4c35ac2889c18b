/** Where clients stand during a drill, which there are, and what each machine tells of the cluster. */

import type { KubernetesAccess } from '../../kubernetes/kubeconfig.ts';
import { type Cluster, masters, workers } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import type { AgentSamples } from '../agent/agent-plan.ts';
import { samplesOn } from '../agent/samples-on.ts';
import type { ApiEndpoint } from '../probes/api-dialer.ts';
import type { Patience } from '../probes/api-session.ts';
import type { ProbeKind, ProbePlan } from '../probes/probe-plan.ts';
import type { PlannedProbe } from '../recording/recording.ts';
import type { DrillPlan } from './plan-drill.ts';

export const outside = 'outside';

export interface Places {
  readonly outside: ProbePlan;
  readonly machines: readonly MachinePlace[];
  /** What the recording's header says of them. */
  readonly planned: readonly PlannedProbe[];
}

export interface MachinePlace {
  readonly host: Host;
  readonly probes: ProbePlan | undefined;
  readonly samples: AgentSamples;
}

export interface PlacesInput {
  readonly cluster: Cluster;
  readonly plan: DrillPlan;
  readonly access: KubernetesAccess;
  readonly namespace: string;
  readonly run: string;
  /** When clients give up a silent connection. */
  readonly patience: Patience;
  readonly maximumSeconds: number;
  /** Of an exercise: where the application answers, and whom DNS is asked of. */
  readonly application: ApplicationPlace | undefined;
  /** Names of the machines on which clients stand; undefined: a worker and every master. */
  readonly clientsOn: readonly string[] | undefined;
}

export interface ApplicationPlace {
  readonly nodePort: number;
  readonly clusterIp: string;
  readonly dns: NonNullable<ProbePlan['dns']>;
}

/** New connections; what else is asked is asked half as often, or a small cluster would feel it. */
const everyMs = 50;
const othersEveryMs = 100;
const timeoutMs = 1000;
/** Outside there are more, so that a balancer spreads them over all apiservers. */
const watches = { outside: 4, onMachines: 1 };

export const outsideKinds: readonly ProbeKind[] = [
  'new connections',
  'linearizable reads',
  'writes',
  'reused connection',
  'watch',
  'counter',
  'kubelet',
];
export const machineKinds: readonly ProbeKind[] = ['new connections', 'reused connection', 'watch'];

export function placesOf(input: PlacesInput): Places {
  const { cluster, plan, access, application } = input;
  const direct = access.servers.map(endpointOf);
  const endpoint: ApiEndpoint = { address: cluster.endpoint.address, port: cluster.endpoint.port };
  const observer = observedNode(cluster, plan);
  const base = {
    everyMs,
    othersEveryMs,
    timeoutMs,
    maximumSeconds: input.maximumSeconds,
    namespace: input.namespace,
    run: input.run,
    patience: input.patience,
  };
  const api = (endpoints: readonly ApiEndpoint[]): ProbePlan['api'] => ({
    endpoints: [...endpoints],
    serverName: cluster.endpoint.domain,
    ca: access.ca,
    cert: access.cert,
    key: access.key.reveal(),
    resume: true,
  });
  const outsidePlan: ProbePlan = {
    ...base,
    from: outside,
    watches: watches.outside,
    api: api(cluster.scheme.nodeLocal ? direct : [endpoint]),
    direct: [...direct],
    ...(observer !== undefined && { node: observer.name }),
    probes: [
      ...outsideKinds.filter((kind) => kind !== 'kubelet' || observer !== undefined),
      ...(application === undefined || observer === undefined ? [] : (['application'] as const)),
    ],
    ...(application !== undefined && observer !== undefined && { applicationUrl: `http://${observer.address}:${application.nodePort}/` }),
  };
  const [worker] = workers(cluster);
  const machines = cluster.hosts.flatMap((host): readonly MachinePlace[] => {
    const client = input.clientsOn === undefined ? host === worker || host.roles.includes('master') : input.clientsOn.includes(host.name);
    const samples = samplesOn(cluster, host);
    const probed = client && !(ownClientsSuffer(plan) && plan.victims.includes(host));
    if (!probed && Object.keys(samples).length === 0) return [];
    const inside = host === worker ? application : undefined;
    const probes: ProbePlan | undefined = probed
      ? {
          ...base,
          from: host.name,
          api: api([endpoint]),
          watches: watches.onMachines,
          probes: [...machineKinds, ...(inside === undefined ? [] : (['application', 'dns'] as const))],
          ...(inside !== undefined && { applicationUrl: `http://${inside.clusterIp}/`, dns: inside.dns }),
        }
      : undefined;
    return [{ host, probes, samples }];
  });
  const planned = [outsidePlan, ...machines.flatMap(({ probes }) => (probes === undefined ? [] : [probes]))].flatMap(({ from, probes }) =>
    probes.map((probe) => ({ probe, from, ...paceOf(probe) })),
  );
  return { outside: outsidePlan, machines, planned };
}

function paceOf(probe: ProbeKind): Pick<PlannedProbe, 'everyMs'> {
  switch (probe) {
    case 'watch':
    case 'counter':
    case 'kubelet':
      return {};
    case 'linearizable reads':
    case 'writes':
    case 'reused connection':
      return { everyMs: othersEveryMs };
    case 'new connections':
    case 'application':
    case 'dns':
      return { everyMs };
  }
}

/** Whose kubelet is timed, and who answers for the application: no victim, a worker if there is one. */
function observedNode(cluster: Cluster, { victims }: DrillPlan): Host | undefined {
  return [...workers(cluster), ...masters(cluster)].find((host) => !victims.includes(host));
}

/** A machine that is off, frozen or cut off cannot serve its own clients: they would only say so. */
function ownClientsSuffer({ drill: { group, act } }: DrillPlan): boolean {
  if (act.kind === 'exercise') return act.masterDown;
  return group === 'machine' || group === 'network' || group === 'quorum' || group === 'clock';
}

function endpointOf(server: string): ApiEndpoint {
  const { hostname, port } = new URL(server);
  return { address: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443) };
}
