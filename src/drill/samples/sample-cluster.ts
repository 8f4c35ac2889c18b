/** What the cluster did while a drill ran, from the operator's side: the API's own view, and the agents' looks put together. */

import { isDeepStrictEqual } from 'node:util';
import { kubernetesClient } from '../../kubernetes/client.ts';
import type { KubernetesAccess } from '../../kubernetes/kubeconfig.ts';
import type { RecordedEvent } from '../../model/event.ts';
import type { RunningAgent } from '../agent/agent.ts';
import { lookEvery } from '../agent/look-every.ts';
import { monotonicMs } from '../probes/monotonic.ts';
import { timeOf } from '../recording/recording.ts';
import { apiStates } from './api-states.ts';
import { etcdLeaderEvents } from './etcd-leader.ts';
import type { MachineLooks } from './machine-looks.ts';
import { vipEvents } from './vip-owners.ts';

export interface SampleInput {
  /** The masters' own addresses: each is asked alone. */
  readonly access: KubernetesAccess;
  readonly agents: readonly Pick<RunningAgent, 'from' | 'looks' | 'heardMs' | 'errorMs'>[];
  readonly signal: AbortSignal;
}

export interface ClusterSampler {
  /** As they are seen, on this process's monotonic clock: it grows. */
  readonly events: readonly RecordedEvent[];
  /** Asks no more. After the agents' stop() it gives all events, judged again by all that the agents told in the end, in order of time. */
  readonly stop: () => Promise<readonly RecordedEvent[]>;
}

const apiEveryMs = 1000;
const apiTimeoutSeconds = 1;
const mergeEveryMs = 200;

/** Events `node`, `leader` and `vip`; `member` and `backend` come from the agents themselves. Without an answer nothing is told. */
export function sampleCluster({ access, agents, signal }: SampleInput): ClusterSampler {
  const stopped = new AbortController();
  const ended = AbortSignal.any([signal, stopped.signal]);
  const events: RecordedEvent[] = [];
  const fromApi: RecordedEvent[] = [];
  const asking = askApi(access, ended, (event) => {
    fromApi.push(event);
    events.push(event);
  });
  const told = new Map<'vip' | 'leader', RecordedEvent>();
  const tellMerged = () => {
    for (const last of [vipEvents(looksOf(agents)).at(-1), etcdLeaderEvents(looksOf(agents)).at(-1)]) {
      if (last === undefined || isDeepStrictEqual(stateOf(told.get(last.kind)), stateOf(last))) continue;
      told.set(last.kind, last);
      events.push(last);
    }
  };
  const timer = setInterval(tellMerged, mergeEveryMs);
  ended.addEventListener('abort', () => clearInterval(timer), { once: true });
  return {
    events,
    async stop() {
      stopped.abort();
      await asking;
      const merged = looksOf(agents);
      return [...fromApi, ...vipEvents(merged), ...etcdLeaderEvents(merged)].toSorted((a, b) => timeOf(a) - timeOf(b));
    },
  };
}

function looksOf(agents: SampleInput['agents']): readonly MachineLooks[] {
  return agents.map(({ from, looks, heardMs, errorMs }) => ({ machine: from, looks, heardMs, errorMs }));
}

/** Without its time. */
function stateOf(event: RecordedEvent | undefined): object | undefined {
  return event === undefined ? undefined : { ...event, atMs: 0 };
}

/**
 * resourceVersion=0: from the apiserver's memory, which costs etcd nothing and answers without its quorum. Whoever answered last is
 * asked first, on the connection that is kept.
 */
async function askApi(access: KubernetesAccess, signal: AbortSignal, tell: (event: RecordedEvent) => void): Promise<void> {
  const clients = access.servers.map((server) => kubernetesClient({ ...access, servers: [server] }));
  const states = apiStates();
  let preferred = 0;

  async function get(path: string): Promise<unknown> {
    for (let tried = 0; tried < clients.length && !signal.aborted; tried++) {
      const index = (preferred + tried) % clients.length;
      try {
        const answer = await clients[index]?.request({ method: 'GET', path, timeoutSeconds: apiTimeoutSeconds, signal });
        if (answer?.status !== 200) continue;
        preferred = index;
        return answer.body;
      } catch {
        // The next one is asked.
      }
    }
    return undefined;
  }

  await lookEvery(
    { everyMs: apiEveryMs, signal },
    async () => {
      const nodes = await get('/api/v1/nodes?resourceVersion=0');
      for (const event of states.nodes(nodes, monotonicMs())) tell(event);
      const leases = await get('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases?resourceVersion=0');
      for (const event of states.leases(leases, monotonicMs())) tell(event);
    },
    () => undefined,
  );
  for (const client of clients) client.close();
}
