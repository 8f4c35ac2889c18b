/** All probes of one place, in this process: on the operator's machine in one of their own, on a machine in that of the agent. */

import { setPriority } from 'node:os';
import { clientGoDefault } from './api-session.ts';
import { applicationProbe } from './application-probe.ts';
import { counterProbe } from './counter-probe.ts';
import { dnsProbe } from './dns-probe.ts';
import { kubeletProbe } from './kubelet-probe.ts';
import { newConnectionProbe, readProbe } from './new-connection-probe.ts';
import { ownDelayProbe } from './own-delay-probe.ts';
import type { ProbeEvent } from './probe-event.ts';
import type { ProbeKind, ProbePlan } from './probe-plan.ts';
import { reusedConnectionProbe } from './reused-connection-probe.ts';
import type { Pace } from './start-every.ts';
import { watchProbe } from './watch-probe.ts';
import { writeProbe } from './write-probe.ts';

const counterMs = 100;
const podMs = 500;

/** Ends after the plan's maximumSeconds, or when the signal aborts, after the attempts under way. */
export async function runProbes(plan: ProbePlan, signal: AbortSignal, emit: (event: ProbeEvent) => void): Promise<void> {
  favourThisProcess();
  const stop = new AbortController();
  const abort = () => stop.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(abort, plan.maximumSeconds * 1000);
  const options = {
    from: plan.from,
    everyMs: plan.everyMs,
    timeoutMs: plan.timeoutMs,
    maximum: Math.ceil((plan.maximumSeconds * 1000) / plan.everyMs),
    signal: stop.signal,
  };
  try {
    const running = plan.probes.map((probe) => startProbe(probe, plan, options, emit));
    await Promise.all([...running, ownDelayProbe(plan.from, stop.signal, emit)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function startProbe(
  probe: ProbeKind,
  plan: ProbePlan,
  options: Pace & { readonly from: string; readonly timeoutMs: number },
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  const { namespace, run } = plan;
  const patience = plan.patience ?? clientGoDefault;
  const others = { ...options, everyMs: plan.othersEveryMs ?? options.everyMs };
  switch (probe) {
    case 'new connections':
      return newConnectionProbe(plan.api, options, emit);
    case 'linearizable reads':
      return readProbe(plan.api, others, emit);
    case 'reused connection':
      return reusedConnectionProbe(plan.api, { ...others, patience }, emit);
    case 'writes':
      return writeProbe({ ...plan.api, namespace, run }, others, emit);
    case 'watch':
      return watchProbe({ ...plan.api, namespace, run }, { ...options, patience, clients: plan.watches ?? 8 }, emit);
    case 'counter':
      return counterProbe({ ...direct(plan), namespace, run }, { ...options, everyMs: counterMs }, emit);
    case 'kubelet':
      return kubeletProbe({ ...direct(plan), namespace, run, node: needed(plan.node, 'node') }, { ...options, everyMs: podMs }, emit);
    case 'application':
      return applicationProbe(needed(plan.applicationUrl, 'applicationUrl'), options, emit);
    case 'dns':
      return dnsProbe(needed(plan.dns, 'dns'), options, emit);
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
