/** Takes a drill's application away, whatever state it is in: cordons first, since they hurt most. */

import type { KubernetesClient } from '../../kubernetes/client.ts';
import { Failure } from '../../model/failure.ts';
import { type ApiCalls, apiCalls } from './api-calls.ts';
import { drillOf, uncordon } from './cordon.ts';
import { applicationLabel, namespaceOf } from './objects.ts';
import { type Patience, until } from './until.ts';

/** On no signal of the drill's: it goes on after Ctrl-C, within its limits. A Failure DRILL_EXERCISE tells what is left, and how to undo it by hand. */
export async function removeApplication(
  client: KubernetesClient,
  { id, cordoned, patience }: { readonly id: string; readonly cordoned: ReadonlySet<string>; readonly patience: Patience },
): Promise<void> {
  const errors: unknown[] = [];
  const done = (work: Promise<void>) => work.catch((error: unknown) => void errors.push(error));
  await Promise.all([...cordoned].map((node) => done(open(client, node, id, patience))));
  await done(removeNamespace(client, namespaceOf(id), patience));
  if (errors.length === 0) return;
  throw new Failure('DRILL_EXERCISE', 'not all of the application of the drill could be taken away', {
    cause: errors[0],
    findings: errors.map((error) => (error instanceof Error ? error.message : String(error))),
    remedy: [...[...cordoned].map((node) => `kubectl uncordon ${node}`), `kubectl delete namespace ${namespaceOf(id)}`].join('; '),
  });
}

/** What earlier drills left, whose operator was lost. Call it only while no other drill runs on this cluster. */
export async function removeApplicationsLeft(client: KubernetesClient, signal: AbortSignal, patience: Patience): Promise<void> {
  const look = (path: string) =>
    until('the API lists what earlier drills left', { ...patience, signal, remedy: 'trivet status' }, async () => ({
      kind: 'so',
      value: await apiCalls(client, signal).list(path),
    }));
  for (const node of await look('/api/v1/nodes')) {
    const id = drillOf(node);
    const name = nameOf(node);
    if (id !== undefined && name !== undefined) await open(client, name, id, patience);
  }
  for (const namespace of await look(`/api/v1/namespaces?labelSelector=${encodeURIComponent(applicationLabel)}`)) {
    const name = nameOf(namespace);
    if (name?.startsWith(namespaceOf(''))) await removeNamespace(client, name, patience);
  }
}

function nameOf({ metadata }: { readonly metadata?: unknown }): string | undefined {
  const name = typeof metadata === 'object' && metadata !== null && 'name' in metadata ? metadata.name : undefined;
  return typeof name === 'string' ? name : undefined;
}

function isGoing({ metadata }: { readonly metadata?: unknown }): boolean {
  return typeof metadata === 'object' && metadata !== null && 'deletionTimestamp' in metadata;
}

function open(client: KubernetesClient, node: string, id: string, patience: Patience): Promise<void> {
  return undone(client, patience, `${node} is uncordoned`, `kubectl uncordon ${node}`, async (api) => {
    await uncordon(api, node, id);
    return undefined;
  });
}

function removeNamespace(client: KubernetesClient, namespace: string, patience: Patience): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}`;
  return undone(client, patience, `the namespace ${namespace} is gone`, `kubectl describe namespace ${namespace}`, async (api) => {
    const object = await api.get(path);
    if (object === undefined) return undefined;
    if (!isGoing(object)) await api.remove(path);
    // In a namespace that ends, none is made anew; without grace those on a dead node go as well.
    for (const pod of await api.list(`${path}/pods`)) {
      const name = nameOf(pod);
      if (name !== undefined) await api.remove(`${path}/pods/${name}`, { gracePeriodSeconds: 0 });
    }
    return (await api.get(path)) === undefined ? undefined : 'it is still being deleted';
  });
}

/** `work` gives what is still missing. */
function undone(
  client: KubernetesClient,
  patience: Patience,
  what: string,
  remedy: string,
  work: (api: ApiCalls) => Promise<string | undefined>,
): Promise<void> {
  const { signal } = new AbortController();
  const api = apiCalls(client, signal);
  return until(what, { ...patience, signal, remedy }, async () => {
    const missing = await work(api);
    return missing === undefined ? { kind: 'so', value: undefined } : { kind: 'not-yet', instead: missing };
  });
}
