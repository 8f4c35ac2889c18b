/** trivet endpoint check: where new connections to the endpoint lead, from every node, and how long an idle one lives. */

import { type IdleConnection, idleConnection } from '../../facts/idle-connection.ts';
import { endpointAsBuilt } from '../../facts/machine/endpoint-as-built.ts';
import { endpointSeen } from '../../facts/machine/endpoint-seen.ts';
import { type Cluster, masters, nodes, workers } from '../../model/cluster.ts';
import type { Connect } from '../../model/connection.ts';
import type { Emit } from '../../model/event.ts';
import type { Fact } from '../../model/fact.ts';
import { Failure } from '../../model/failure.ts';
import type { Host } from '../../model/host.ts';
import { enoughTries } from '../../phases/preflight/judge-endpoint.ts';
import type { ClusterOptions } from '../cluster-options.ts';
import { type EndpointReport, endpointReport, endpointText } from '../endpoint-report.ts';
import { withCluster } from '../with-cluster.ts';

export interface EndpointCheckOptions extends ClusterOptions {
  /** Seconds; undefined: not tried. */
  readonly idle?: number;
  readonly output?: 'text' | 'json';
}

/** Exit status 1 when something is wrong. */
export async function endpointCheck(options: EndpointCheckOptions): Promise<void> {
  const progress: Emit = (event) => {
    if (event.kind === 'progress') process.stderr.write(`${event.message}\n`);
  };
  await withCluster(options, { bundle: false }, async ({ cluster, connect, signal }) => {
    const report = endpointReport(cluster, await gather({ cluster, connect, signal, emit: progress, idle: options.idle }));
    process.stdout.write(options.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : endpointText(report));
    if (!report.good) process.exitCode = 1;
  });
}

interface GatherInput {
  readonly cluster: Cluster;
  readonly connect: Connect;
  readonly signal: AbortSignal;
  readonly emit: Emit;
  readonly idle: number | undefined;
}

async function gather({ cluster, connect, signal, emit, idle }: GatherInput): Promise<Parameters<typeof endpointReport>[1]> {
  const ask = async <T>(host: Host, fact: Fact<T>): Promise<T | Failure> => {
    try {
      const connection = await connect(host, signal);
      return fact.parse(await connection.run(fact.argv, { timeoutSeconds: fact.timeoutSeconds ?? 30, signal }));
    } catch (error) {
      if (error instanceof Failure && error.code !== 'INTERRUPTED') return error;
      throw error;
    }
  };
  const [seen, built] = await Promise.all([
    Promise.all(
      nodes(cluster).map(async (host) => ({
        host,
        seen: await ask(host, endpointSeen({ ...cluster.endpoint, tries: enoughTries(cluster) })),
      })),
    ),
    Promise.all(masters(cluster).map(async (host) => ({ host, built: await ask(host, endpointAsBuilt(host.internalAddress)) }))),
  ]);
  return { seen, built, idle: idle === undefined ? undefined : await tryIdle(cluster, ask, emit, idle) };
}

type Ask = <T>(host: Host, fact: Fact<T>) => Promise<T | Failure>;

/** From the first worker that can, or the first master where there is none. */
async function tryIdle(cluster: Cluster, ask: Ask, emit: Emit, seconds: number): Promise<EndpointReport['idle']> {
  const url = `https://${cluster.endpoint.domain}:${cluster.endpoint.port}`;
  emit({
    kind: 'progress',
    task: 'idle',
    message: `a watch on which nothing happens is left alone for ${seconds} s`,
    usualSeconds: seconds,
  });
  const reasons: string[] = [];
  for (const host of [...workers(cluster), ...masters(cluster)]) {
    const result: IdleConnection | Failure = await ask(host, idleConnection({ url, seconds }));
    if (!(result instanceof Failure)) return { from: host.name, asked: seconds, ...result };
    reasons.push(`${host.name}: ${result.message}`);
  }
  return { from: undefined, asked: seconds, seconds: 0, outcome: 'not tried', reasons };
}
