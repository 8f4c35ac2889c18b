/** Drains a node as for maintenance: cordon, evict by the eviction API, wait, uncordon. */

import { Failure } from '../../model/failure.ts';
import { monotonicMs } from '../probes/monotonic.ts';
import { type ApiCalls, apiCalls } from './api-calls.ts';
import { cordon, uncordon } from './cordon.ts';
import { type Place, readPlace } from './places.ts';
import { type Pod, readPod } from './pods.ts';
import type { Running } from './running.ts';
import { secondsSince, until } from './until.ts';

/** `cordoned` holds what must still be undone, also after a failure. */
export async function nodeDrain(application: Running, signal: AbortSignal, cordoned: Set<string>): Promise<string> {
  const { id } = application;
  const node = await chooseNode(application, signal);
  const startedMs = monotonicMs();
  // Before the request: it may be carried out though its answer is lost.
  cordoned.add(node);
  await application.sure(`the API cordons ${node}`, signal, (api) => cordon(api, node, id));
  const { evicted, left } = await evictAll(application, node, signal);
  await application.settled(`all copies serve on other nodes than ${node}`, signal, (live) => {
    const there = live.filter((pod) => pod.node === node);
    return there.length === 0 ? undefined : `${there.map(({ name }) => name).join(' and ')} still on ${node}`;
  });
  const took = secondsSince(startedMs);
  await application.sure(`the API uncordons ${node}`, signal, (api) => uncordon(api, node, id));
  cordoned.delete(node);
  const stayed =
    left.length === 0 ? '' : `; left in place, as an eviction would lose them or what they keep: ${left.map(nameOf).join(', ')}`;
  return `drained ${node} in ${took}: ${evicted} pods evicted, the application's copies serve elsewhere${stayed}; uncordoned it again`;
}

/** A worker before a master; of them, one from which nothing would have to be left in place. */
async function chooseNode(application: Running, signal: AbortSignal): Promise<string> {
  const live = await application.settled('all copies serve before a node is drained', signal);
  const places = (await application.sure('the API lists nodes', signal, (api) => api.list('/api/v1/nodes'))).map(readPlace);
  const usable = places.filter(
    ({ ready, schedulable, master }) => ready && schedulable && !(application.where.kind === 'workers' && master),
  );
  const used = usable.filter(({ name }) => live.some(({ node }) => node === name));
  if (used.length === 0 || usable.length < 2) {
    throw new Failure('DRILL_EXERCISE', 'no node can be drained: its pods would have nowhere to go', {
      findings: places.map((place) => `${place.name}: ${wordOf(place)}`),
      remedy: 'the drill needs two nodes that the application may run on, Ready and not cordoned: kubectl get nodes',
    });
  }
  const lasting = new Map<string, number>();
  for (const { name } of used) {
    const pods = await application.sure(`the API lists the pods on ${name}`, signal, (api) => podsOn(api, name));
    lasting.set(name, pods.filter(staysBehind).length);
  }
  const [first] = used.toSorted(
    (a, b) =>
      Number(a.master) - Number(b.master) || (lasting.get(a.name) ?? 0) - (lasting.get(b.name) ?? 0) || a.name.localeCompare(b.name),
  );
  return first?.name ?? '';
}

function wordOf({ ready, schedulable }: Place): string {
  if (!ready) return 'not Ready';
  return schedulable ? 'may be used' : 'cordoned or tainted';
}

async function evictAll(
  { client, patience }: Running,
  node: string,
  signal: AbortSignal,
): Promise<{ readonly evicted: number; readonly left: readonly Pod[] }> {
  const api = apiCalls(client, signal);
  const taken = new Set<string>();
  const remedy = `kubectl get poddisruptionbudgets -A; kubectl get pods -A --field-selector spec.nodeName=${node}`;
  return until(`all evictable pods have left ${node}`, { ...patience, signal, remedy }, async () => {
    const pods = await podsOn(api, node);
    const toGo = pods.filter(({ drain }) => drain === 'evictable');
    if (toGo.length === 0) return { kind: 'so', value: { evicted: taken.size, left: pods.filter(staysBehind) } };
    return { kind: 'not-yet', instead: (await evictOnce(api, toGo, taken)).join('; ') };
  });
}

/** Gives what holds up each. */
async function evictOnce(api: ApiCalls, pods: readonly Pod[], taken: Set<string>): Promise<readonly string[]> {
  const words: string[] = [];
  for (const pod of pods) {
    if (pod.going) {
      words.push(`${nameOf(pod)} is still ending`);
      continue;
    }
    const answer = await api.evict(pod);
    if (answer === 'taken') taken.add(pod.uid);
    words.push(typeof answer === 'string' ? `${nameOf(pod)} is to end` : `${nameOf(pod)} may not be evicted (${answer.blocked})`);
  }
  return words;
}

async function podsOn(api: ApiCalls, node: string): Promise<readonly Pod[]> {
  return (await api.list(`/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`)).map(readPod);
}

function staysBehind({ drain }: Pod): boolean {
  return drain === 'unmanaged' || drain === 'local-data';
}

function nameOf({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}
