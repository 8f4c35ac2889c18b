/** The application as it runs: told what to be, and waited for until it is. */

import type { KubernetesClient } from '../../kubernetes/client.ts';
import { type ApiCalls, apiCalls } from './api-calls.ts';
import { deploymentObject, namespaceOf, type Wanted } from './objects.ts';
import { imageOf, type Where } from './places.ts';
import { type Pod, readPod, troubles } from './pods.ts';
import { type Look, type Patience, until } from './until.ts';

export interface Running {
  readonly client: KubernetesClient;
  readonly id: string;
  readonly namespace: string;
  readonly where: Where;
  readonly patience: Patience;
  /** As it was told last. */
  readonly wanted: () => Wanted;
  /** Tells the Deployment, and waits until exactly so many copies of that version serve and no others are left. */
  readonly become: (change: Partial<Wanted>, signal: AbortSignal) => Promise<readonly Pod[]>;
  /** Waits until all the wanted copies serve, and `also` holds of them; `also` gives what is missing. */
  readonly settled: (what: string, signal: AbortSignal, also?: (live: readonly Pod[]) => string | undefined) => Promise<readonly Pod[]>;
  /** Repeats a call until it is answered. */
  readonly sure: <T>(what: string, signal: AbortSignal, call: (api: ApiCalls) => Promise<T>) => Promise<T>;
}

export interface RunningInput extends Pick<Running, 'client' | 'id' | 'where' | 'patience'> {
  readonly first: Wanted;
}

export function running({ client, id, where, patience, first }: RunningInput): Running {
  const namespace = namespaceOf(id);
  const remedy = `kubectl -n ${namespace} describe pods; kubectl get nodes`;
  let wanted = first;

  const settled: Running['settled'] = (what, signal, also) => {
    const api = apiCalls(client, signal);
    return until(what, { ...patience, signal, remedy }, async (): Promise<Look<readonly Pod[]>> => {
      const pods = (await api.list(`/api/v1/namespaces/${namespace}/pods`)).map(readPod);
      const live = pods.filter(({ going }) => !going);
      const serving = live.filter((pod) => pod.ready && pod.image === imageOf(wanted.version));
      const missing = also?.(live);
      if (live.length === wanted.replicas && serving.length === wanted.replicas && missing === undefined)
        return { kind: 'so', value: live };
      const copies = `${serving.length} of ${wanted.replicas} copies serve ${wanted.version}, ${live.length} are there${troubles(pods)}`;
      return { kind: 'not-yet', instead: missing === undefined ? copies : `${missing}; ${copies}` };
    });
  };

  const sure: Running['sure'] = (what, signal, call) => {
    const api = apiCalls(client, signal);
    return until(what, { ...patience, signal, remedy: 'trivet status' }, async () => ({ kind: 'so', value: await call(api) }));
  };

  return {
    client,
    id,
    namespace,
    where,
    patience,
    wanted: () => wanted,
    async become(change, signal) {
      wanted = { ...wanted, ...change };
      const words = `${wanted.replicas} copies of ${wanted.version} serve`;
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/hello`;
      await sure(`the API takes the Deployment of which ${words}`, signal, (api) =>
        api.apply(path, deploymentObject(namespace, where, wanted)),
      );
      return settled(words, signal);
    },
    settled,
    sure,
  };
}
