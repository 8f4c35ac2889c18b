/** Somebody who changes an object all the time, past the endpoint, so that watches of it have something to tell. */

import { type ApiTarget, apiDialer } from './api-dialer.ts';
import { attempt } from './attempt.ts';
import type { ProbeEvent } from './probe-event.ts';
import { type Pace, startEvery } from './start-every.ts';
import { runLabel } from './write-probe.ts';

export interface CounterTarget extends ApiTarget {
  readonly namespace: string;
  readonly run: string;
}

/** The name of the ConfigMap whose data.counter grows. */
export function counterName(run: string): string {
  return `counter-${run}`;
}

/** Writes the number of the attempt: it grows, whatever became of earlier ones. */
export function counterProbe(
  target: CounterTarget,
  options: Pace & { readonly from: string; readonly timeoutMs: number },
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  const api = apiDialer(target);
  const collection = `/api/v1/namespaces/${target.namespace}/configmaps`;
  const name = counterName(target.run);
  const { timeoutMs } = options;
  return startEvery(
    { probe: 'counter', from: options.from },
    options,
    async (number) => {
      const data = { counter: String(number) };
      const patch = { path: `${collection}/${name}`, method: 'PATCH', contentType: 'application/merge-patch+json', timeoutMs } as const;
      const outcome = await attempt(api, { ...patch, body: JSON.stringify({ data }) });
      if (outcome.detail !== 'status 404') return outcome;
      const metadata = { name, labels: { [runLabel]: target.run } };
      const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
      return attempt(api, { path: collection, method: 'POST', body, timeoutMs });
    },
    emit,
  );
}
