/** One HTTP request on a connection of its own, made and closed for it. */

import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, createSecureContext, type SecureContext } from 'node:tls';
import type { Outcome } from './start-every.ts';

/** The API as the probes reach it. PEM texts; without a certificate the client is anonymous. */
export interface ApiTarget {
  readonly address: string;
  readonly port: number;
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface Attempt {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: string;
  /** From start to the whole answer. */
  readonly timeoutMs: number;
  /** Read once for all attempts: parsing certificates costs more than the handshake. */
  readonly tls?: SecureContext;
}

/** The TLS material of a target, to be read once. */
export function readTls(target: ApiTarget): SecureContext {
  const { ca, cert, key } = target;
  return createSecureContext({ ca, ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) });
}

/** Never rejects; a status of 400 or more is a failed attempt. */
export function attempt(options: Attempt): Promise<Outcome> {
  return new Promise((resolve) => {
    const call = open(options);
    const timer = setTimeout(() => settle({ ok: false, detail: `no answer within ${options.timeoutMs} ms` }), options.timeoutMs);
    function settle(outcome: Outcome): void {
      clearTimeout(timer);
      resolve(outcome);
      call.destroy();
    }
    call.on('error', (error: NodeJS.ErrnoException) => settle({ ok: false, detail: error.code ?? error.message }));
    call.once('response', (response) => {
      const status = response.statusCode ?? 0;
      response.on('error', (error: NodeJS.ErrnoException) => settle({ ok: false, detail: error.code ?? error.message }));
      response.once('end', () => settle(status < 400 ? { ok: true } : { ok: false, detail: `status ${status}` }));
      response.resume();
    });
    call.end(options.body);
  });
}

function open({ url, method = 'GET', body, tls }: Attempt): ClientRequest {
  const headers = { connection: 'close', ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  if (tls === undefined) return httpRequest(url, { agent: false, method, headers });
  const { hostname, port } = new URL(url);
  const createConnection = () => connect({ host: hostname, port: Number(port), secureContext: tls });
  return httpsRequest(url, { method, headers, createConnection });
}
