/** The dashboard's HTTP server: four addresses, on loopback, to be read only. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { htmlReport } from '../drill/report/html-report.ts';
import type { Judged } from '../drill/report/judged.ts';
import { Failure } from '../model/failure.ts';
import { streamTo } from './event-stream.ts';
import { admit } from './gate.ts';
import type { Hub } from './hub.ts';
import { pageHtml, pagePolicy } from './page-html.ts';

export interface ServeInput {
  readonly hub: Hub;
  readonly recording: (name: string) => Promise<Judged | undefined>;
  readonly token: string;
  /** 0: one that is free. */
  readonly port: number;
}

export interface Served {
  readonly port: number;
  /** Ends all connections. */
  readonly close: () => Promise<void>;
}

/** Pages that listen at the same time. */
const mostStreams = 32;

const always = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** In force for what is no page. */
const emptyPolicy = `default-src 'none'; frame-ancestors 'none'`;
/** A report has its own policy in it, which lets only its own script run. As a sandbox it has no origin: not even that could ask this server. */
const reportPolicy = `sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** A Failure USAGE when the port cannot be had. */
export async function serveDashboard(input: ServeInput): Promise<Served> {
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    void answer(request, response, { ...input, streams, port: portOf(server) }).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sayWord(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  server.listen(input.port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Failure('USAGE', `127.0.0.1:${input.port} cannot be listened on: ${error instanceof Error ? error.message : String(error)}`, {
      remedy: 'name another --port, or leave it out: then a free one is taken',
      cause: error,
    });
  }
  return {
    port: portOf(server),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

interface Answering extends ServeInput {
  /** The pages that listen. */
  readonly streams: Set<ServerResponse>;
}

async function answer(request: IncomingMessage, response: ServerResponse, input: Answering): Promise<void> {
  const cookieName = `trivet-dashboard-${input.port}`;
  const { method, url, headers } = request;
  const admission = admit({ method, url, host: headers.host, cookie: headers.cookie }, { token: input.token, cookieName });
  if (admission.kind === 'refused') return sayWord(response, admission.status, admission.word);
  const { path, byToken } = admission;
  if (path === '/') {
    const cookie = byToken ? { 'set-cookie': `${cookieName}=${input.token}; HttpOnly; SameSite=Strict; Path=/` } : {};
    return sayHtml(request, response, pageHtml(input.hub.view()), { 'content-security-policy': pagePolicy, ...cookie });
  }
  if (path === '/events') {
    if (input.streams.size >= mostStreams) return sayWord(response, 503, `${mostStreams} pages listen already.`);
    input.streams.add(response);
    response.once('close', () => input.streams.delete(response));
    return streamTo(response, input.hub, { ...always, 'content-security-policy': emptyPolicy });
  }
  const name = /^\/recordings\/([^/]+)$/.exec(path)?.[1];
  const one = name === undefined ? undefined : await recordingOf(decoded(name), input);
  if (one === undefined) return sayWord(response, 404, 'There is nothing at this address.');
  if (typeof one === 'string') return sayWord(response, 422, one);
  return sayHtml(request, response, htmlReport([one]), { 'content-security-policy': reportPolicy });
}

/** A word: why it cannot be shown. */
async function recordingOf(name: string | undefined, { recording }: ServeInput): Promise<Judged | string | undefined> {
  try {
    return name === undefined ? undefined : await recording(name);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.remedy === undefined ? error.message : `${error.message}\nnext: ${error.remedy}`;
  }
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function sayWord(response: ServerResponse, status: number, word: string): void {
  response.writeHead(status, {
    ...always,
    'content-security-policy': emptyPolicy,
    'content-type': 'text/plain; charset=utf-8',
    ...(status === 405 && { allow: 'GET' }),
  });
  response.end(`${word}\n`);
}

async function sayHtml(
  request: IncomingMessage,
  response: ServerResponse,
  html: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const packs = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const body = packs ? await promisify(gzip)(html) : Buffer.from(html);
  response.writeHead(200, {
    ...always,
    ...headers,
    'content-type': 'text/html; charset=utf-8',
    'content-length': body.length,
    vary: 'accept-encoding',
    ...(packs && { 'content-encoding': 'gzip' }),
  });
  response.end(body);
}
