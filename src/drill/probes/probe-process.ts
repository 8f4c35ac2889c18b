/**
 * A process of its own for all probes, so that nothing else delays them. Reads a ProbePlan on standard input's first line,
 * prints events as NDJSON, and ends when its input does.
 */

import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { applicationProbe } from './application-probe.ts';
import { newConnectionProbe } from './new-connection-probe.ts';
import { ownDelayProbe } from './own-delay-probe.ts';
import type { ProbeEvent } from './probe-event.ts';
import { type ProbePlan, probePlanSchema } from './probe-plan.ts';
import { reusedConnectionProbe } from './reused-connection-probe.ts';
import type { Pace } from './start-every.ts';
import { writeProbe } from './write-probe.ts';

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
  probe: ProbePlan['probes'][number],
  plan: ProbePlan,
  options: Pace & { readonly from: string; readonly timeoutMs: number },
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  switch (probe) {
    case 'new connections':
      return newConnectionProbe(plan.api, options, emit);
    case 'reused connection':
      return reusedConnectionProbe(plan.api, options, emit);
    case 'writes':
      return writeProbe({ ...plan.api, namespace: plan.namespace, run: plan.run }, options, emit);
    case 'application':
      if (plan.applicationUrl === undefined) return Promise.reject(new Error('the plan lacks applicationUrl'));
      return applicationProbe(plan.applicationUrl, options, emit);
  }
}

/** Not permitted to everyone; the own-delay events tell how it went. */
function favourThisProcess(): void {
  try {
    setPriority(-10);
  } catch {
    // Without it the probes still run.
  }
}
