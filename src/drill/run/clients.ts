/** Starts the clients of all places and what samples the cluster, and hands on what they say as it comes. */

import type { RecordedEvent } from '../../model/event.ts';
import { Failure } from '../../model/failure.ts';
import type { RunningAgent } from '../agent/agent.ts';
import type { ClusterSampler } from '../samples/sample-cluster.ts';
import type { DrillContext } from './context.ts';
import type { DrillTools, OutsideProbes } from './drill-tools.ts';
import { outside, type Places } from './places.ts';

export interface Clients {
  /** What came since this was asked last. Throws once the clients on this machine have ended by themselves. */
  readonly news: () => readonly RecordedEvent[];
  /** Ends all of them; gives everything that they ever said. Once. */
  readonly stop: () => Promise<Stopped>;
}

export interface Stopped {
  readonly events: readonly RecordedEvent[];
  readonly clocks: readonly { readonly from: string; readonly errorMs: number }[];
  /** Of which machine what could not be fetched, for people. */
  readonly missing: readonly string[];
}

interface StartOptions {
  readonly id: string;
  readonly maximumSeconds: number;
  /** Without an operator. */
  readonly aloneSeconds: number;
  readonly signal: AbortSignal;
}

/** What was started is stopped again when one cannot be. */
export async function startClients(
  places: Places,
  context: Pick<DrillContext, 'connect' | 'tunnel' | 'program' | 'access'>,
  { id, maximumSeconds, aloneSeconds, signal }: StartOptions,
  tools: Pick<DrillTools, 'startAgent' | 'startProbes' | 'sampleCluster'>,
): Promise<Clients> {
  const { connect, tunnel, program, access } = context;
  const started = await Promise.allSettled(
    places.machines.map(({ host, probes, samples }) =>
      tools.startAgent({ host, connect, tunnel, program, id, probes, samples, maximumSeconds, aloneSeconds, signal }),
    ),
  );
  const agents = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await Promise.allSettled(agents.map((agent) => agent.stop()));
    throw failed.reason;
  }
  const probes = tools.startProbes(places.outside);
  return together(agents, probes, tools.sampleCluster({ access, agents, signal }));
}

function together(agents: readonly RunningAgent[], probes: OutsideProbes, sampler: ClusterSampler): Clients {
  const sources = [probes, sampler, ...agents];
  const seen = sources.map(() => 0);
  let ended = false;
  void probes.ended.then(() => {
    ended = true;
  });
  return {
    news() {
      if (ended) throw new Failure('INTERNAL', 'the clients on this machine have ended by themselves; a warning says why');
      return sources.flatMap(({ events }, index) => {
        const from = seen[index] ?? 0;
        seen[index] = events.length;
        return events.slice(from);
      });
    },
    async stop() {
      const [here, ...machines] = await Promise.all([stopProbes(probes), ...agents.map(stopAgent)]);
      // It judges by all that the agents told in the end.
      const merged = await sampler.stop();
      return {
        events: [...here.events, ...machines.flatMap(({ events }) => events), ...merged],
        clocks: machines.map(({ from, errorMs }) => ({ from, errorMs })),
        missing: [here, ...machines].flatMap(({ from, missing }) => (missing === undefined ? [] : [`${from}: ${missing}`])),
      };
    },
  };
}

interface StoppedOne {
  readonly from: string;
  readonly events: readonly RecordedEvent[];
  readonly errorMs: number;
  readonly missing?: string;
}

/** What it said is not lost because it cannot be ended. */
async function stopAgent(agent: RunningAgent): Promise<StoppedOne> {
  try {
    return { from: agent.from, ...(await agent.stop()) };
  } catch (error) {
    return { from: agent.from, events: agent.events, errorMs: agent.errorMs, missing: messageOf(error) };
  }
}

async function stopProbes(probes: OutsideProbes): Promise<StoppedOne> {
  try {
    return { from: outside, events: await probes.stop(), errorMs: 0 };
  } catch (error) {
    return { from: outside, events: probes.events, errorMs: 0, missing: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
