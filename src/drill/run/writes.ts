/** The namespace of a drill's own objects, and what became of its writes: number and revision of each that is there. */

import { z } from 'zod';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { RecordedEvent } from '../../model/event.ts';
import { runLabel } from '../probes/write-probe.ts';

/** Carried by every namespace that a drill made: those of a drill that was killed are found by it. */
const namespaceLabel = 'trivet.dev/drill';

/** Also takes away what earlier drills left, which only a kill -9 does. */
export async function makeNamespace(client: KubernetesClient, name: string, signal: AbortSignal): Promise<void> {
  for (const left of await client.list(`/api/v1/namespaces?labelSelector=${encodeURIComponent(namespaceLabel)}`, { signal })) {
    const parsed = namespaceSchema.safeParse(left);
    if (parsed.success) await client.delete(`/api/v1/namespaces/${parsed.data.metadata.name}`, { signal });
  }
  await client.create(
    '/api/v1/namespaces',
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [namespaceLabel]: 'true' } } },
    { signal },
  );
}

/** The cluster goes on to remove what is in it by itself. */
export async function removeNamespace(client: KubernetesClient, name: string): Promise<void> {
  await client.delete(`/api/v1/namespaces/${name}`, { timeoutSeconds: 20 });
}

/** The number of the first write that stands in a recording: clients write before it begins. */
export function firstWrite(events: readonly RecordedEvent[], startMs: number): number {
  return events.reduce((first, event) => {
    const own = event.kind === 'probe' && event.probe === 'writes' && event.startedMs >= startMs;
    const number = own ? /^#(\d+)/.exec(event.detail ?? '')?.[1] : undefined;
    return number === undefined ? first : Math.min(first, Number(number));
  }, Number.POSITIVE_INFINITY);
}

/** An object that was never changed still has the revision at which it was made. `first`: earlier ones are not told. */
export async function readBack(
  client: KubernetesClient,
  { namespace, run, from, first }: { readonly namespace: string; readonly run: string; readonly from: string; readonly first: number },
  nowMs: () => number,
): Promise<RecordedEvent> {
  const query = `labelSelector=${encodeURIComponent(`${runLabel}=${run}`)}`;
  const items = await client.list(`/api/v1/namespaces/${namespace}/configmaps?${query}`, { timeoutSeconds: 60 });
  const writes = items.flatMap((item) => {
    const parsed = writeSchema.safeParse(item);
    // The counter's object carries the label too.
    return parsed.success ? [[Number(parsed.data.data.number), Number(parsed.data.metadata.resourceVersion)] as const] : [];
  });
  const own = writes.filter(([number]) => number >= first).toSorted(([a], [b]) => a - b);
  return { kind: 'read-back', atMs: nowMs(), from, writes: own };
}

const namespaceSchema = z.object({ metadata: z.object({ name: z.string() }) });
const writeSchema = z.object({
  metadata: z.object({ resourceVersion: z.string().regex(/^\d+$/) }),
  data: z.object({ number: z.string().regex(/^\d+$/) }),
});
