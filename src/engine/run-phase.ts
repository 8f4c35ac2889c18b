/** One phase on all its hosts, in parallel or one by one. */

import type { LimitFunction } from 'p-limit';
import type { Cluster } from '../model/cluster.ts';
import type { Connect } from '../model/connection.ts';
import type { Emit } from '../model/event.ts';
import type { Host } from '../model/host.ts';
import type { Phase } from '../model/phase.ts';
import { type Clock, secondsSince } from './clock.ts';
import { asFailure } from './failures.ts';
import { gatherer } from './gather.ts';
import type { Machine } from './machine.ts';
import type { Receipt } from './record.ts';
import { type HostResult, runHost } from './run-host.ts';

/** What stays the same during a run. */
export interface Run {
  readonly cluster: Cluster;
  readonly connect: Connect;
  readonly receipt: (host: Host) => Promise<Receipt>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly mode: 'plan' | 'apply';
  readonly limit: LimitFunction;
  readonly operator: string;
  readonly clock: Clock;
}

export interface PhaseResult {
  readonly hosts: readonly HostResult[];
  readonly failures: readonly Error[];
}

/** Never rejects: a host that fails stops; in parallel the others go on, one by one the next ones are not begun. */
export async function runPhase(run: Run, phase: Phase): Promise<PhaseResult> {
  const hosts = phase.hosts(run.cluster);
  const about = {
    kind: 'phase',
    phase: phase.name,
    summary: phase.summary,
    hosts: hosts.map((host) => host.name),
    usualSeconds: phase.usualSeconds,
  } as const;
  const start = run.clock.now();
  run.emit({ ...about, state: 'started' });
  const read = gatherer(run);
  const results: HostResult[] = [];
  const failures: Error[] = [];
  const visit = async (host: Host): Promise<void> => {
    try {
      run.signal.throwIfAborted();
      const machine = await machineOf(run, host);
      results.push(await runHost(machine, phase, { cluster: run.cluster, host, read }, run.mode));
    } catch (error) {
      failures.push(asFailure(error, run.signal, host.name));
    }
  };
  if (phase.order === 'parallel') await Promise.all(hosts.map((host) => run.limit(() => visit(host))));
  else {
    for (const host of hosts) {
      if (failures.length === 0) await run.limit(() => visit(host));
    }
  }
  run.emit({ ...about, state: failures.length === 0 ? 'finished' : 'failed', seconds: secondsSince(run.clock, start) });
  return { hosts: results, failures };
}

async function machineOf(run: Run, host: Host): Promise<Machine> {
  const [connection, receipt] = await Promise.all([run.connect(host, run.signal), run.receipt(host)]);
  const { emit, signal, clock, operator } = run;
  return { connection, receipt, emit, signal, clock, operator, units: { stale: true } };
}
