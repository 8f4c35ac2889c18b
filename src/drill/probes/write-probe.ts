/** A client that writes: each write has a number, so that it can be counted afterwards what became of the acknowledged ones. */

import { type ApiTarget, apiDialer } from './api-dialer.ts';
import { type Answer, ask } from './attempt.ts';
import type { ProbeEvent } from './probe-event.ts';
import { revisionOf } from './revision-of.ts';
import { type Outcome, type Pace, startEvery } from './start-every.ts';

/** The label that all objects of one run carry. */
export const runLabel = 'trivet.dev/probe-run';

export interface WriteTarget extends ApiTarget {
  readonly namespace: string;
  /** Tells this run's writes from those of others: a DNS label. */
  readonly run: string;
}

/**
 * Creates ConfigMap probe-RUN-N for N = 0, 1, 2 … on a new connection each time; the event's detail begins with #N, its revision is
 * the one that an acknowledged write was given, and its outcome says what is known of one that was not.
 */
export function writeProbe(
  target: WriteTarget,
  options: Pace & { readonly from: string; readonly timeoutMs: number },
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  const api = apiDialer(target);
  const path = `/api/v1/namespaces/${target.namespace}/configmaps`;
  return startEvery(
    { probe: 'writes', from: options.from },
    options,
    async (number) => {
      const body = JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `probe-${target.run}-${number}`, labels: { [runLabel]: target.run } },
        data: { number: String(number) },
      });
      return told(number, await ask(api, { path, method: 'POST', body, timeoutMs: options.timeoutMs }));
    },
    emit,
  );
}

function told(number: number, { ok, status, sent, detail, body }: Answer): Outcome {
  const numbered = detail === undefined ? `#${number}` : `#${number} ${detail}`;
  if (!ok) return { ok, detail: numbered, outcome: !sent || saysNo(status) ? 'refused' : 'unknown' };
  const revision = revisionOf(body);
  return { ok, detail: numbered, ...(revision !== undefined && { revision }) };
}

/**
 * The apiserver said that the request itself is at fault, before etcd was asked. Not so 408 (given up half way) and 409 (it is
 * there already: who made it?); 5xx say nothing of what etcd did.
 */
export function saysNo(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 409;
}
