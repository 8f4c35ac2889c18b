/** Scaling, a rolling update and self-healing: each done once and waited for. */

import { Failure } from '../../model/failure.ts';
import { monotonicMs } from '../probes/monotonic.ts';
import { apiCalls } from './api-calls.ts';
import { containerPort } from './objects.ts';
import type { Pod } from './pods.ts';
import type { Running } from './running.ts';
import { type Look, secondsSince, until } from './until.ts';

const most = 6;

/** Says what was done; a Failure DRILL_EXERCISE names what did not come about. */
export async function scale(application: Running, signal: AbortSignal): Promise<string> {
  const { replicas } = application.wanted();
  const outMs = monotonicMs();
  await application.become({ replicas: most }, signal);
  const out = secondsSince(outMs);
  const inMs = monotonicMs();
  await application.become({ replicas }, signal);
  return `scaled from ${replicas} to ${most} copies in ${out}, and back to ${replicas} in ${secondsSince(inMs)}`;
}

export async function rollingUpdate(application: Running, signal: AbortSignal): Promise<string> {
  const old = application.wanted().version;
  const version = old === 'v1' ? 'v2' : 'v1';
  const startedMs = monotonicMs();
  const pods = await application.become({ version }, signal);
  const took = secondsSince(startedMs);
  for (const pod of pods) await answers(application, pod, version, signal);
  return `updated ${pods.length} copies from ${old} to ${version}, one at a time, in ${took}; each of them answers ${version}`;
}

export async function selfHealing(application: Running, signal: AbortSignal): Promise<string> {
  const { namespace } = application;
  const [victim] = (await application.settled('all copies serve before one is deleted', signal)).toSorted((a, b) =>
    a.name.localeCompare(b.name),
  );
  if (victim === undefined) throw new Failure('DRILL_EXERCISE', 'the application has no copy to delete');
  const startedMs = monotonicMs();
  await application.sure(`the API deletes the pod ${victim.name}`, signal, (api) =>
    // By force, without grace: as when it dies. 409 would mean that another pod has its name, which a Deployment never does.
    api.remove(`/api/v1/namespaces/${namespace}/pods/${victim.name}`, { gracePeriodSeconds: 0, preconditions: { uid: victim.uid } }),
  );
  await application.settled(`another copy serves in the place of ${victim.name}`, signal, (live) =>
    live.some(({ uid }) => uid === victim.uid) ? `${victim.name} is still there` : undefined,
  );
  return `deleted the pod ${victim.name} on ${victim.node ?? 'no node'} by force; all ${application.wanted().replicas} copies served again after ${secondsSince(startedMs)}`;
}

/** Asked of the pod itself, through the apiserver. */
async function answers({ client, namespace, patience }: Running, pod: Pod, version: string, signal: AbortSignal): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods/http:${pod.name}:${containerPort}/proxy/`;
  const remedy = `kubectl get --raw ${path}; the apiservers must reach pods on ${pod.node ?? 'its node'}`;
  const api = apiCalls(client, signal);
  await until(`the pod ${pod.name} answers ${version}`, { ...patience, signal, remedy }, async (): Promise<Look<true>> => {
    const text = (await api.get(path))?.text;
    if (typeof text === 'string' && text.startsWith(`hello ${version} `)) return { kind: 'so', value: true };
    return { kind: 'not-yet', instead: typeof text === 'string' ? `it says “${text.trim().slice(0, 80)}”` : 'it is not there' };
  });
}
