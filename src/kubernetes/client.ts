/** A thin client of the Kubernetes API: objects in, objects out, over mutual TLS. */

import { Agent } from 'node:https';
import { z } from 'zod';
import type { JsonObject } from '../model/cluster.ts';
import { Failure } from '../model/failure.ts';
import type { KubernetesAccess } from './kubeconfig.ts';
import { type ApiRequest, type OpenResponse, openRequest, readBody, startDeadline, Unanswered } from './request.ts';
import { type WatchEvent, type WatchOptions, watchEvents } from './watch.ts';

export interface ApiAnswer {
  readonly status: number;
  /** Plain text (such as /livez's) comes as { text }. */
  readonly body: JsonObject;
}

interface CallOptions {
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

/** Paths are the API's own, such as /api/v1/nodes. All throw KUBERNETES with the API's own message, or KUBERNETES_UNREACHABLE. */
export interface KubernetesClient {
  /** Any status is data. */
  readonly request: (request: ApiRequest) => Promise<ApiAnswer>;
  /** undefined when there is none. */
  readonly get: (path: string, options?: CallOptions) => Promise<JsonObject | undefined>;
  /** All items, page by page. */
  readonly list: (path: string, options?: CallOptions) => Promise<readonly JsonObject[]>;
  readonly create: (path: string, object: JsonObject, options?: CallOptions) => Promise<JsonObject>;
  readonly update: (path: string, object: JsonObject, options?: CallOptions) => Promise<JsonObject>;
  /** Server-side apply as the field manager `trivet`, conflicts taken over. */
  readonly apply: (path: string, object: JsonObject, options?: CallOptions) => Promise<JsonObject>;
  /** JSON merge patch. */
  readonly patch: (path: string, change: JsonObject, options?: CallOptions) => Promise<JsonObject>;
  /** False when there was none. */
  readonly delete: (path: string, options?: CallOptions) => Promise<boolean>;
  readonly watch: (path: string, options?: WatchOptions) => AsyncGenerator<WatchEvent>;
  readonly close: () => void;
}

const objectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** Opens nothing until the first request. Servers are tried in order; a request that may have been carried out is not repeated. */
export function kubernetesClient(access: KubernetesAccess): KubernetesClient {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 16,
    ca: access.ca,
    cert: access.cert,
    key: access.key.reveal(),
    ...(access.serverName === undefined ? {} : { servername: access.serverName }),
  });

  async function onServers<T>(request: ApiRequest, use: (server: string, timeout: AbortSignal) => Promise<T>): Promise<T> {
    const errors: string[] = [];
    for (const server of access.servers) {
      const deadline = startDeadline(request.timeoutSeconds ?? 30);
      try {
        return await use(server, deadline.signal);
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        errors.push(error.message);
        if (error.sent && request.method !== 'GET') break;
      } finally {
        deadline.cancel();
      }
    }
    throw new Failure('KUBERNETES_UNREACHABLE', `no apiserver answers ${request.method} ${request.path}`, {
      findings: errors,
      remedy: 'see which machines are up: trivet status',
    });
  }

  const open = (request: ApiRequest): Promise<OpenResponse> =>
    onServers(request, (server, timeout) => openRequest(server, agent, request, timeout));
  const send = (request: ApiRequest): Promise<ApiAnswer> =>
    onServers(request, async (server, timeout) => {
      const response = await openRequest(server, agent, request, timeout);
      return { status: response.status, body: parseBody(await readBody(server, response, request, timeout)) };
    });
  const expect = async (request: ApiRequest): Promise<JsonObject> => {
    const answer = await send(request);
    if (answer.status >= 300) throw refusal(request, answer);
    return answer.body;
  };

  return {
    request: send,
    async get(path, options) {
      const request: ApiRequest = { ...options, method: 'GET', path };
      const answer = await send(request);
      if (answer.status === 404) return undefined;
      if (answer.status >= 300) throw refusal(request, answer);
      return answer.body;
    },
    async list(path, options) {
      const items: JsonObject[] = [];
      let next: string | undefined;
      do {
        const query = `${path.includes('?') ? '&' : '?'}limit=500${next === undefined ? '' : `&continue=${encodeURIComponent(next)}`}`;
        const page = pageSchema.parse(await expect({ ...options, method: 'GET', path: path + query }));
        items.push(...page.items);
        next = page.metadata.continue || undefined;
      } while (next !== undefined);
      return items;
    },
    create: (path, object, options) => expect({ ...options, method: 'POST', path, body: object }),
    update: (path, object, options) => expect({ ...options, method: 'PUT', path, body: object }),
    apply: (path, object, options) =>
      expect({
        ...options,
        method: 'PATCH',
        path: `${path}?fieldManager=trivet&force=true`,
        body: object,
        contentType: 'application/apply-patch+yaml',
      }),
    patch: (path, change, options) =>
      expect({ ...options, method: 'PATCH', path, body: change, contentType: 'application/merge-patch+json' }),
    async delete(path, options) {
      const request: ApiRequest = { ...options, method: 'DELETE', path };
      const answer = await send(request);
      if (answer.status >= 300 && answer.status !== 404) throw refusal(request, answer);
      return answer.status !== 404;
    },
    watch: (path, options) => watchEvents(open, path, options),
    close: () => agent.destroy(),
  };
}

const pageSchema = z.object({ metadata: z.object({ continue: z.string().optional() }), items: z.array(objectSchema) });
const statusSchema = z.object({ message: z.string().optional(), reason: z.string().optional() });

function refusal(request: ApiRequest, answer: ApiAnswer): Failure {
  const status = statusSchema.safeParse(answer.body).data;
  const why = status?.message ?? status?.reason ?? JSON.stringify(answer.body).slice(0, 200);
  return new Failure('KUBERNETES', `${request.method} ${request.path} was answered with ${answer.status}: ${why}`);
}

function parseBody(text: string): JsonObject {
  try {
    return objectSchema.parse(JSON.parse(text));
  } catch {
    return { text };
  }
}
