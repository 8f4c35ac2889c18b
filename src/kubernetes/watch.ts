/** Follows a list of objects as they change, and notices when the connection is silently dead. */

import { z } from 'zod';
import type { JsonObject } from '../model/cluster.ts';
import { Failure } from '../model/failure.ts';
import type { ApiRequest, OpenResponse } from './request.ts';

export interface WatchOptions {
  /** Go on after this version; undefined: what exists comes first, as ADDED. */
  readonly resourceVersion?: string;
  /** Without any event or bookmark for so long, the watch fails. The apiserver sends a bookmark about every minute. Default 90. */
  readonly idleSeconds?: number;
  readonly signal?: AbortSignal;
}

export type WatchEvent =
  | { readonly kind: 'added' | 'changed' | 'deleted'; readonly object: JsonObject }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string };

const objectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json());
const bookmarkSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const errorSchema = z.object({ code: z.number().optional(), message: z.string().optional() });
const lineSchema = z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']), object: objectSchema });

/**
 * Ends when the apiserver ends it. KUBERNETES for its errors (410: the version is too old, list again),
 * KUBERNETES_UNREACHABLE when it is idle for too long or breaks.
 */
export async function* watchEvents(
  open: (request: ApiRequest) => Promise<OpenResponse>,
  path: string,
  options: WatchOptions = {},
): AsyncGenerator<WatchEvent> {
  const version = options.resourceVersion === undefined ? '' : `&resourceVersion=${encodeURIComponent(options.resourceVersion)}`;
  const request: ApiRequest = {
    method: 'GET',
    path: `${path}${path.includes('?') ? '&' : '?'}watch=true&allowWatchBookmarks=true${version}`,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const { status, stream } = await open(request);
  const idleSeconds = options.idleSeconds ?? 90;
  const idle = setTimeout(() => stream.destroy(new Error(`nothing came for ${idleSeconds} s`)), idleSeconds * 1000);
  try {
    if (status >= 300) throw new Failure('KUBERNETES', `watching ${path} was answered with ${status}`);
    let partial = '';
    for await (const chunk of stream.setEncoding('utf8')) {
      idle.refresh();
      const lines = (partial + chunk).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) yield readLine(path, line);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (options.signal?.aborted) throw new Failure('INTERRUPTED', `watching ${path} was stopped`);
    throw new Failure('KUBERNETES_UNREACHABLE', `watching ${path} broke off`, { cause: error });
  } finally {
    clearTimeout(idle);
    stream.destroy();
  }
}

function readLine(path: string, line: string): WatchEvent {
  const { type, object } = lineSchema.parse(JSON.parse(line));
  switch (type) {
    case 'ADDED':
      return { kind: 'added', object };
    case 'MODIFIED':
      return { kind: 'changed', object };
    case 'DELETED':
      return { kind: 'deleted', object };
    case 'BOOKMARK':
      return { kind: 'bookmark', resourceVersion: bookmarkSchema.parse(object).metadata.resourceVersion };
    case 'ERROR': {
      const error = errorSchema.parse(object);
      throw new Failure('KUBERNETES', `watching ${path} was ended with ${error.code}: ${error.message}`);
    }
  }
}
