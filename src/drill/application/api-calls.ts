/** Requests to the API while masters fail: each is told apart as answered, refused for good, or to be asked again. */

import type { ApiAnswer, KubernetesClient } from '../../kubernetes/client.ts';
import type { ApiRequest } from '../../kubernetes/request.ts';
import type { JsonObject } from '../../model/cluster.ts';
import { Failure } from '../../model/failure.ts';

/** Nothing that lasts: no apiserver answered, or one was too busy. All calls may be repeated. */
export class AskAgain extends Error {
  override readonly name = 'AskAgain';
}

/** All throw AskAgain, a Failure DRILL_EXERCISE for what is refused for good, or INTERRUPTED. */
export interface ApiCalls {
  /** undefined when there is none. */
  readonly get: (path: string) => Promise<JsonObject | undefined>;
  readonly list: (path: string) => Promise<readonly JsonObject[]>;
  /** Server-side apply as the field manager `trivet`. */
  readonly apply: (path: string, object: JsonObject) => Promise<JsonObject>;
  /** JSON merge patch. */
  readonly patch: (path: string, change: JsonObject) => Promise<JsonObject>;
  /** False when there was none. */
  readonly remove: (path: string, options?: JsonObject) => Promise<boolean>;
  /** One pod: gone when it is not there any more, blocked with the API's word while a disruption budget forbids it. */
  readonly evict: (pod: EvictedPod) => Promise<'taken' | 'gone' | { readonly blocked: string }>;
}

export interface EvictedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Short, so that a dead apiserver costs little before the next one is asked. */
const timeoutSeconds = 3;

export function apiCalls(client: KubernetesClient, signal: AbortSignal): ApiCalls {
  async function ask(request: ApiRequest, accepted: readonly number[] = []): Promise<ApiAnswer> {
    const answer = await client.request({ timeoutSeconds, signal, ...request }).catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'KUBERNETES_UNREACHABLE') {
        throw new AskAgain([error.message, ...error.findings].join('; '), { cause: error });
      }
      throw error;
    });
    if (answer.status < 300 || accepted.includes(answer.status)) return answer;
    const words = `${request.method} ${request.path} was answered with ${answer.status}: ${messageOf(answer)}`;
    if (answer.status >= 500 || answer.status === 429 || answer.status === 409) throw new AskAgain(words);
    throw new Failure('DRILL_EXERCISE', words, {
      remedy:
        answer.status === 403
          ? 'drills on an application need the rights of cluster-admin: see whose certificate trivet uses'
          : 'trivet status',
    });
  }
  return {
    async get(path) {
      const answer = await ask({ method: 'GET', path }, [404]);
      return answer.status === 404 ? undefined : answer.body;
    },
    async list(path) {
      const { items } = (await ask({ method: 'GET', path })).body;
      return Array.isArray(items) ? items.filter(isObject) : [];
    },
    apply: async (path, object) => {
      const query = '?fieldManager=trivet&force=true';
      return (await ask({ method: 'PATCH', path: path + query, body: object, contentType: 'application/apply-patch+yaml' })).body;
    },
    patch: async (path, change) => (await ask({ method: 'PATCH', path, body: change, contentType: 'application/merge-patch+json' })).body,
    async remove(path, options) {
      const request: ApiRequest = { method: 'DELETE', path, ...(options === undefined ? {} : { body: options }) };
      return (await ask(request, [404])).status !== 404;
    },
    async evict({ namespace, name, uid }) {
      const body = {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
        deleteOptions: { preconditions: { uid } },
      };
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
      // 409: another pod has the name by now, as in a StatefulSet.
      const answer = await ask({ method: 'POST', path, body }, [404, 409, 429]);
      if (answer.status === 429) return { blocked: messageOf(answer) };
      return answer.status < 300 ? 'taken' : 'gone';
    },
  };
}

function messageOf({ body }: ApiAnswer): string {
  const { message, reason, text } = body;
  for (const word of [message, reason, text]) if (typeof word === 'string' && word !== '') return word.trim().slice(0, 300);
  return JSON.stringify(body).slice(0, 200);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
