/** The write probe's ConfigMaps on the cluster: a namespace for them, reading them back, and removing them. */

import { z } from 'zod';
import { runLabel } from '../src/drill/probes/write-probe.ts';
import type { KubernetesClient } from '../src/kubernetes/client.ts';

export const probeNamespace = 'trivet-probes';
const path = `/api/v1/namespaces/${probeNamespace}/configmaps`;

/** Makes the namespace, and removes what an interrupted run left in it. */
export async function prepareWrites(client: KubernetesClient): Promise<void> {
  await client.apply(`/api/v1/namespaces/${probeNamespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: probeNamespace },
  });
  await removeWrites(client);
}

const configMapSchema = z.object({ data: z.object({ number: z.coerce.number() }) });

/** The numbers of a run's writes that are there. */
export async function readWrites(client: KubernetesClient, run: string): Promise<ReadonlySet<number>> {
  const items = await client.list(`${path}?labelSelector=${encodeURIComponent(`${runLabel}=${run}`)}`);
  return new Set(items.map((item) => configMapSchema.parse(item).data.number));
}

export async function removeWrites(client: KubernetesClient): Promise<void> {
  await client.delete(`${path}?labelSelector=${encodeURIComponent(runLabel)}`, { timeoutSeconds: 60 });
}
