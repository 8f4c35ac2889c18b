/** trivet dashboard: serves the page on this machine's own loopback, while SSH goes where the machines are. */

import { join } from 'node:path';
import { openConnections } from '../connection/open-connections.ts';
import { openDashboard } from '../dashboard/open-dashboard.ts';
import { enterLab } from '../lab/run-in-lab.ts';
import { stateDirectory } from '../local/directories.ts';
import { clusterStatus } from '../status/cluster-status.ts';
import { gatherStatus } from '../status/gather-status.ts';
import { askSecret } from './ask.ts';
import { bindCluster } from './bind-cluster.ts';
import { readClusterSpec } from './cluster-options.ts';
import { checkLabIsUp } from './enter-lab.ts';

export interface DashboardOptions {
  readonly file?: string;
  readonly allowEven?: boolean;
  /** Of the page; default: one that is free. */
  readonly port?: number;
  readonly recordings?: string;
}

/** Resolves after Ctrl-C. */
export async function dashboard({ recordings, port, ...options }: DashboardOptions): Promise<void> {
  const spec = await readClusterSpec(options, (message) => process.stderr.write(`warning: ${message}\n`));
  const cluster = await bindCluster({ ...spec, bundle: undefined }, () => undefined);
  // Not the whole process, as other commands do: from inside a lab no browser could reach the page.
  if (spec.lab !== undefined) checkLabIsUp(spec.lab);
  const prefix = spec.lab === undefined ? [] : enterLab(spec.lab, []);
  const warned = new Set<string>();
  const connections = openConnections({
    environment: process.env,
    prefix,
    ask: askSecret,
    emit(event) {
      // The same for every look; once is enough.
      if (event.kind !== 'warning' || warned.has(event.message)) return;
      warned.add(event.message);
      process.stderr.write(`warning: ${event.message}\n`);
    },
  });
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    const page = await openDashboard({
      cluster: cluster.name,
      scheme: cluster.scheme.variant,
      look: async () => clusterStatus(cluster, await gatherStatus(cluster, connections.connect)),
      recordings: recordings ?? join(stateDirectory(), 'recordings'),
      port: port ?? 0,
    });
    process.stdout.write(`${page.url}\n`);
    process.stderr.write(`${cluster.name}: open the address above in a browser on this machine; Ctrl-C ends it\n`);
    const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve(), { once: true }));
    try {
      await Promise.race([stopped, page.broken]);
    } finally {
      // A look that is under way ends with its connections.
      await Promise.all([connections.closeAll(), page.close()]);
    }
  } finally {
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
    await connections.closeAll();
  }
}
