/** One HTTP request on a connection of its own, made and closed for it. */

import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { ApiDialer } from './api-dialer.ts';
import type { Outcome } from './start-every.ts';

export interface ApiRequest {
  readonly path: string;
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: string;
  /** Default application/json. */
  readonly contentType?: string;
  /** From start to the whole answer. */
  readonly timeoutMs: number;
}

export interface Answer extends Outcome {
  /** 0 when nothing was answered. */
  readonly status: number;
  readonly body: string;
  /** false: there was no connection, so that nobody can have read the request. */
  readonly sent: boolean;
}

/** Never rejects; a status of 400 or more is a failed attempt. */
export async function attempt(api: ApiDialer, request: ApiRequest): Promise<Outcome> {
  const { ok, detail } = await ask(api, request);
  return detail === undefined ? { ok } : { ok, detail };
}

/** The same, with what was answered. */
export async function ask(api: ApiDialer, request: ApiRequest): Promise<Answer> {
  const { path, method = 'GET', body, timeoutMs, contentType = 'application/json' } = request;
  const startedMs = performance.now();
  let sent = false;
  try {
    const socket = await api.dial('http/1.1', timeoutMs);
    const headers = { host: 'apiserver', connection: 'close', ...(body === undefined ? {} : { 'content-type': contentType }) };
    const call = httpRequest({ path, method, headers, createConnection: () => socket });
    sent = true;
    const answer = await answerOf(call, body, { leftMs: timeoutMs - (performance.now() - startedMs), timeoutMs });
    if (answer.status === 0 || answer.status >= 500) api.distrust(socket);
    return answer;
  } catch (error) {
    return failed(reasonOf(error, timeoutMs), sent);
  }
}

/** GET of a plain URL, such as an application's. Never rejects. */
export function askUrl(url: string, timeoutMs: number): Promise<Answer> {
  const call = httpRequest(url, { agent: false, headers: { connection: 'close' } });
  return answerOf(call, undefined, { leftMs: timeoutMs, timeoutMs });
}

function answerOf(
  call: ClientRequest,
  body: string | undefined,
  { leftMs, timeoutMs }: { readonly leftMs: number; readonly timeoutMs: number },
): Promise<Answer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(failed(`no answer within ${timeoutMs} ms`)), Math.max(0, leftMs));
    function settle(answer: Answer): void {
      clearTimeout(timer);
      resolve(answer);
      call.destroy();
    }
    call.on('error', (error) => settle(failed(reasonOf(error, timeoutMs))));
    call.once('response', (response: IncomingMessage) => {
      const status = response.statusCode ?? 0;
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', (error) => settle(failed(reasonOf(error, timeoutMs))));
      response.once('end', () =>
        settle(
          status < 400
            ? { ok: true, status, body: text, sent: true }
            : { ok: false, status, body: text, sent: true, detail: `status ${status}` },
        ),
      );
    });
    call.end(body);
  });
}

function failed(detail: string, sent = true): Answer {
  return { ok: false, status: 0, body: '', sent, detail };
}

/** A connection that was not made in time is the same to a client as an answer that did not come. */
export function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.message.startsWith('no connection within') ? `no answer within ${timeoutMs} ms` : error.message;
}
