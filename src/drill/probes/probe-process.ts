/**
 * A process of its own for all probes, so that nothing else delays them. Reads a ProbePlan on standard input's first line,
 * prints events as NDJSON, and ends when its input does.
 */

import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { clientGoDefault } from './api-session.ts';
import { applicationProbe } from './application-probe.ts';
import { counterProbe } from './counter-probe.ts';
import { kubeletProbe } from './kubelet-probe.ts';
import { newConnectionProbe, readProbe } from './new-connection-probe.ts';
import { ownDelayProbe } from './own-delay-probe.ts';
import type { ProbeEvent } from './probe-event.ts';
import { type ProbeKind, type ProbePlan, probePlanSchema } from './probe-plan.ts';
import { reusedConnectionProbe } from './reused-connection-probe.ts';
import type { Pace } from './start-every.ts';
import { watchProbe } from './watch-probe.ts';
import { writeProbe } from './write-probe.ts';

const counterMs = 100;
const podMs = 500;

const input = createInterface({ input: process.stdin });
const stop = new AbortController();
input.once('close', () => stop.abort());
process.once('SIGTERM', () => stop.abort());
process.once('SIGINT', () => stop.abort());
input.once('line', (line) => void run(probePlanSchema.parse(JSON.parse(line))));

async function run(plan: ProbePlan): Promise<void> {
  favourThisProcess();
  const timer = setTimeout(() => stop.abort(), plan.maximumSeconds * 1000);
  const emit = (event: ProbeEvent) => void process.stdout.write(`${JSON.stringify(event)}\n`);
  const options = {
    from: plan.from,
    everyMs: plan.everyMs,
    timeoutMs: plan.timeoutMs,
    maximum: Math.ceil((plan.maximumSeconds * 1000) / plan.everyMs),
    signal: stop.signal,
  };
  const running = plan.probes.map((probe) => startProbe(probe, plan, options, emit));
  await Promise.all([...running, ownDelayProbe(plan.from, stop.signal, emit)]);
  clearTimeout(timer);
  input.close();
  process.stdin.destroy();
}

function startProbe(
  probe: ProbeKind,
  plan: ProbePlan,
  options: Pace & { readonly from: string; readonly timeoutMs: number },
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  const { namespace, run } = plan;
  const patience = plan.patience ?? clientGoDefault;
  switch (probe) {
    case 'new connections':
      return newConnectionProbe(plan.api, options, emit);
    case 'linearizable reads':
      return readProbe(plan.api, options, emit);
    case 'reused connection':
      return reusedConnectionProbe(plan.api, { ...options, patience }, emit);
    case 'writes':
      return writeProbe({ ...plan.api, namespace, run }, options, emit);
    case 'watch':
      return watchProbe({ ...plan.api, namespace, run }, { ...options, patience, clients: plan.watches ?? 8 }, emit);
    case 'counter':
      return counterProbe({ ...direct(plan), namespace, run }, { ...options, everyMs: counterMs }, emit);
    case 'kubelet':
      return kubeletProbe({ ...direct(plan), namespace, run, node: needed(plan.node, 'node') }, { ...options, everyMs: podMs }, emit);
    case 'application':
      return applicationProbe(needed(plan.applicationUrl, 'applicationUrl'), options, emit);
  }
}

function direct(plan: ProbePlan): ProbePlan['api'] {
  return { ...plan.api, endpoints: needed(plan.direct, 'direct') };
}

function needed<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`the plan lacks ${name}`);
  return value;
}

/** Not permitted to everyone; the own-delay events tell how it went. */
function favourThisProcess(): void {
  try {
    setPriority(-10);
  } catch {
    // Without it the probes still run.
  }
}
