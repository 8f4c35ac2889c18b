/** One HTTPS request to an apiserver: what was answered is data, no answer is a Failure. */

import type { IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import { Failure } from '../model/failure.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query: /api/v1/nodes?limit=5. */
  readonly path: string;
  readonly body?: unknown;
  /** Default application/json. */
  readonly contentType?: string;
  /** From start to the whole answer (of a watch: to its headers). Default 30. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface OpenResponse {
  readonly status: number;
  readonly stream: IncomingMessage;
}

/** A timeout that can be called off: a watch goes on for long after its headers. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly cancel: () => void;
}

export function startDeadline(seconds: number): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), seconds * 1000);
  return { signal: controller.signal, cancel: () => clearTimeout(timer) };
}

/** What became of a request: it never left this machine, or it may have been carried out. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
  readonly sent: boolean;

  constructor(server: string, cause: unknown, sent: boolean) {
    super(`${server}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.sent = sent;
  }
}

/** Resolves with the headers. Throws Unanswered, or a Failure INTERRUPTED when the caller's signal aborts. */
export function openRequest(server: string, agent: Agent, request: ApiRequest, timeout: AbortSignal): Promise<OpenResponse> {
  request.signal?.throwIfAborted();
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  return new Promise((resolve, reject) => {
    let connected = false;
    const call = httpsRequest(
      new URL(request.path, server),
      {
        agent,
        method: request.method,
        signal,
        headers: {
          accept: 'application/json',
          'user-agent': 'trivet',
          ...(body === undefined
            ? {}
            : { 'content-type': request.contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      },
      (stream) => resolve({ status: stream.statusCode ?? 0, stream }),
    );
    call.on('socket', (socket) => {
      if (call.reusedSocket) connected = true;
      else
        socket.once('secureConnect', () => {
          connected = true;
        });
    });
    call.once('error', (error) => reject(explain(server, error, request, timeout, connected)));
    call.end(body);
  });
}

/** Reads the whole answer. */
export async function readBody(server: string, { stream }: OpenResponse, request: ApiRequest, timeout: AbortSignal): Promise<string> {
  let text = '';
  stream.setEncoding('utf8');
  try {
    for await (const chunk of stream) text += chunk;
    return text;
  } catch (error) {
    throw explain(server, error, request, timeout, true);
  }
}

function explain(server: string, error: unknown, request: ApiRequest, timeout: AbortSignal, sent: boolean): Error {
  if (request.signal?.aborted) return new Failure('INTERRUPTED', `${request.method} ${request.path} was stopped`);
  if (timeout.aborted) return new Unanswered(server, new Error(`no answer within ${request.timeoutSeconds ?? 30} s`), sent);
  return new Unanswered(server, error, sent);
}
