/** trivet up and trivet plan: preflight, the plan, the question, the run. */

import { hostname, userInfo } from 'node:os';
import { lockMachines } from '../../engine/lock.ts';
import { runSequence } from '../../engine/run-sequence.ts';
import { masters } from '../../model/cluster.ts';
import { Failure } from '../../model/failure.ts';
import { up as upSequence } from '../../sequences/up.ts';
import { confirm } from '../ask.ts';
import { checkMachines } from '../check-machines.ts';
import type { ClusterOptions } from '../cluster-options.ts';
import { directEndpoints, endpointLines } from '../endpoint-lines.ts';
import { printPlan } from '../print-plan.ts';
import { showEvents } from '../show-events.ts';
import { type Session, withCluster } from '../with-cluster.ts';

export interface RunOptions extends ClusterOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly from?: string;
  readonly only?: string;
  readonly verbose?: boolean;
  readonly output?: 'text' | 'json';
}

/** Without the process: the lock knows by it that the one before was ours, and killed. */
export const operator = `${userInfo().username}@${hostname()}`;

export async function up(options: RunOptions): Promise<void> {
  const json = options.output === 'json';
  const screen = showEvents({ stream: process.stderr, tty: process.stderr.isTTY === true, verbose: options.verbose ?? false });
  const listeners = json ? [] : [screen.listen];
  try {
    await withCluster(
      options,
      { bundle: true, listeners, beforeAsking: screen.pause, command: options.dryRun ? 'plan' : 'up' },
      async (session) => {
        await checkMachines(session);
        if (options.dryRun || !options.yes) {
          const planned = await runSequence({ ...sequenceInput(session, options), mode: 'plan' });
          screen.close();
          printPlan(planned.planned, { json: json && options.dryRun === true, stream: options.dryRun ? process.stdout : process.stderr });
          if (options.dryRun) return;
          if (planned.planned.length > 0 && !(await confirm(`Do this on ${session.cluster.hosts.length} machines?`))) {
            throw new Failure('CONFIRMATION', 'not confirmed: nothing was done');
          }
        }
        const lock = await lockMachines({ hosts: masters(session.cluster), connect: session.connect, operator, signal: session.signal });
        void lock.lost.then(session.abort);
        try {
          const result = await runSequence({ ...sequenceInput(session, options), mode: 'apply' });
          screen.close();
          report(session, result.changed, result.seconds, json);
        } finally {
          await lock.release();
        }
      },
    );
  } finally {
    screen.close();
  }
}

function sequenceInput({ cluster, connect, emit, signal }: Session, options: RunOptions) {
  return {
    sequence: upSequence,
    cluster,
    connect,
    emit,
    signal,
    operator,
    from: options.from,
    only: options.only === undefined ? undefined : [options.only],
  };
}

function report({ cluster, logFile }: Session, changed: number, seconds: number, json: boolean): void {
  const endpoint = `https://${cluster.endpoint.address}:${cluster.endpoint.port}`;
  if (json) {
    const direct = cluster.scheme.nodeLocal ? { direct: directEndpoints(cluster) } : {};
    process.stdout.write(`${JSON.stringify({ cluster: cluster.name, changed, seconds, endpoint, ...direct, log: logFile })}\n`);
    return;
  }
  const [where = '', ...how] = endpointLines(cluster);
  process.stdout.write(
    `${cluster.name}: ${changed === 0 ? 'nothing to change' : `${changed} changes`} in ${seconds.toFixed(1)} s; ${where}\n${how.map((line) => `  ${line}\n`).join('')}`,
  );
}
