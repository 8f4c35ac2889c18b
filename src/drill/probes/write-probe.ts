/** A client that writes: each write has a number, so that it can be counted afterwards what became of the acknowledged ones. */

import { type ApiTarget, apiDialer } from './api-dialer.ts';
import { attempt } from './attempt.ts';
import type { ProbeEvent } from './probe-event.ts';
import { type Pace, startEvery } from './start-every.ts';

/** The label that all objects of one run carry. */
export const runLabel = 'trivet.dev/probe-run';

export interface WriteTarget extends ApiTarget {
  readonly namespace: string;
  /** Tells this run's writes from those of others: a DNS label. */
  readonly run: string;
}

/** Creates ConfigMap probe-RUN-N for N = 0, 1, 2 … on a new connection each time; the event's detail begins with #N. */
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
      const { ok, detail } = await attempt(api, { path, method: 'POST', body, timeoutMs: options.timeoutMs });
      return { ok, detail: detail === undefined ? `#${number}` : `#${number} ${detail}` };
    },
    emit,
  );
}
