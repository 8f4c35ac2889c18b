/** A kubelet's own watch: pods are bound to its node, past the endpoint, and it is timed how long it takes to answer. */

import { z } from 'zod';
import { type ApiDialer, type ApiTarget, apiDialer } from './api-dialer.ts';
import { ask, attempt } from './attempt.ts';
import { monotonicMs } from './monotonic.ts';
import type { ProbeEvent } from './probe-event.ts';
import { runLabel } from './write-probe.ts';

export interface KubeletTarget extends ApiTarget {
  readonly namespace: string;
  readonly run: string;
  /** The node whose kubelet is asked. */
  readonly node: string;
}

export interface KubeletOptions {
  readonly from: string;
  /** Between two pods. */
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const lookMs = 150;
const listSchema = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string() }), status: z.object({ phase: z.string().optional() }).optional() })),
});

/**
 * Each pod asks for a node label that no node has, so that the kubelet refuses it at once: its answer is the phase Failed,
 * and neither image nor runtime plays a part. A success is one pod, from its creation to that answer.
 */
export async function kubeletProbe(target: KubeletTarget, options: KubeletOptions, emit: (event: ProbeEvent) => void): Promise<void> {
  const api = apiDialer(target);
  const bound = new Map<string, number>();
  const collection = `/api/v1/namespaces/${target.namespace}/pods`;
  let number = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  while (!options.signal.aborted) {
    if (monotonicMs() - lastMs >= options.everyMs) {
      lastMs = monotonicMs();
      const name = `kubelet-${target.run}-${number++}`;
      const { ok } = await attempt(api, { path: collection, method: 'POST', body: podOf(name, target), timeoutMs: options.timeoutMs });
      if (ok) bound.set(name, lastMs);
    }
    for (const name of await answered(api, collection, target.run, options.timeoutMs)) {
      const startedMs = bound.get(name);
      if (startedMs === undefined) continue;
      bound.delete(name);
      emit({ kind: 'probe', probe: 'kubelet', from: options.from, startedMs, endedMs: monotonicMs(), ok: true, detail: `pod ${name}` });
      // Not waited for: it only keeps the list short.
      void attempt(api, { path: `${collection}/${name}?gracePeriodSeconds=0`, method: 'DELETE', timeoutMs: options.timeoutMs });
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

/** Names of the run's pods that the kubelet has answered. */
async function answered(api: ApiDialer, collection: string, run: string, timeoutMs: number): Promise<readonly string[]> {
  const { ok, body } = await ask(api, { path: `${collection}?labelSelector=${encodeURIComponent(`${runLabel}=${run}`)}`, timeoutMs });
  if (!ok) return [];
  const { items } = listSchema.parse(JSON.parse(body));
  return items.filter((pod) => pod.status?.phase === 'Failed').map((pod) => pod.metadata.name);
}

function podOf(name: string, { node, run }: KubeletTarget): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { [runLabel]: run } },
    spec: {
      nodeName: node,
      nodeSelector: { 'trivet.dev/no-node-has': 'this-label' },
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      containers: [{ name: 'never', image: 'trivet.dev/never:v1' }],
    },
  });
}
