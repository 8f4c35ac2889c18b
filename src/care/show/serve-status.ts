/** Shows care to its own machine: /status, /metrics and /healthz over HTTP on a unix socket and, if asked for, on a loopback address. */

import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { Failure } from '../../model/failure.ts';
import { type Address, addressText } from '../address.ts';
import type { CareStatus } from '../status.ts';
import { metricsText } from './metrics-text.ts';

export interface ServeStatusInput {
  readonly socket: string;
  /** A loopback address; undefined: only the socket. */
  readonly metrics: Address | undefined;
  readonly status: () => CareStatus;
  /** Monotonic milliseconds at which the daemon's loop last turned. */
  readonly lastTurnMs: () => number;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** /healthz says 503 when the last turn is older than this. Default 10 000. */
  readonly staleMs?: number;
  readonly signal: AbortSignal;
}

export interface StatusServer {
  /** Removes the socket file too. Also done when the signal is aborted. */
  readonly close: () => Promise<void>;
}

/** Throws Failure CARE_STATUS when another daemon has the socket, when the address is taken, or is not loopback. */
export async function serveStatus(input: ServeStatusInput): Promise<StatusServer> {
  const { socket, metrics } = input;
  if (metrics !== undefined && !isLoopback(metrics)) {
    throw new Failure('CARE_STATUS', `${addressText(metrics)} is not a loopback address, and the metrics have no password`, {
      remedy: 'use --metrics 127.0.0.1:PORT, and let the collector of this machine fetch them',
    });
  }
  await prepareSocket(socket);
  const servers: Server[] = [];
  const close = async () => {
    await Promise.all(servers.splice(0).map(closeServer));
  };
  try {
    servers.push(await listen(input, { path: socket }, socket));
    await chmod(socket, 0o600);
    if (metrics !== undefined) servers.push(await listen(input, { host: metrics.ip, port: metrics.port }, addressText(metrics)));
  } catch (error) {
    await close();
    throw error;
  }
  if (input.signal.aborted) await close();
  else input.signal.addEventListener('abort', () => void close(), { once: true });
  return { close };
}

/** A page of this machine's own network that a browser was tricked into asking for by name shows another Host: it gets nothing. */
const hosts = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])?(?::\d+)?$/;

function answer(input: ServeStatusInput, request: IncomingMessage, response: ServerResponse): void {
  const send = (status: number, type: string, text: string) =>
    response
      .writeHead(status, { 'content-type': type, 'cache-control': 'no-store', connection: 'close' })
      .end(request.method === 'HEAD' ? '' : text);
  const plain = 'text/plain; charset=utf-8';
  if (request.method !== 'GET' && request.method !== 'HEAD') return void send(405, plain, 'only GET\n');
  if (!hosts.test(request.headers.host ?? '')) return void send(403, plain, 'ask by the loopback address\n');
  switch (request.url?.split('?')[0]) {
    case '/status':
      return void send(200, 'application/json', `${JSON.stringify(input.status(), undefined, 2)}\n`);
    case '/metrics':
      return void send(200, 'text/plain; version=0.0.4; charset=utf-8', metricsText(input.status()));
    case '/healthz': {
      const ageMs = Math.max(0, input.nowMs() - input.lastTurnMs());
      const stale = ageMs > (input.staleMs ?? 10_000);
      return void send(stale ? 503 : 200, plain, stale ? `the loop has not turned for ${(ageMs / 1000).toFixed(1)} s\n` : 'ok\n');
    }
    default:
      return void send(404, plain, 'there are /status, /metrics and /healthz\n');
  }
}

const limits = { maxHeaderSize: 8192, requestTimeout: 5000, headersTimeout: 5000, connectionsCheckingInterval: 5000 };

async function listen(input: ServeStatusInput, where: { path: string } | { host: string; port: number }, name: string): Promise<Server> {
  const server = createServer(limits, (request, response) => {
    response.on('error', () => undefined);
    try {
      answer(input, request, response);
    } catch (error) {
      // It listens before it knows anything, so that no second daemon begins.
      const why = error instanceof Error ? error.message : String(error);
      response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${why}\n`);
    }
  });
  server.maxConnections = 16;
  server.setTimeout(5000);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const remedy = 'path' in where ? `ls -l ${where.path}` : `see who listens there: ss -ltnp 'sport = :${where.port}'`;
      reject(new Failure('CARE_STATUS', `the status cannot be served on ${name}: ${cause.message}`, { cause, remedy }));
    });
    server.listen(where, resolve);
  });
  // Later ones (too many open files) end one connection, never the daemon.
  server.on('error', () => undefined);
  return server;
}

/** Makes the directory; takes away the socket of a daemon that died, and refuses to touch a living one's or anything that is no socket. */
async function prepareSocket(socket: string): Promise<void> {
  try {
    await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
    const found = await lstat(socket).catch(() => undefined);
    if (found === undefined) return;
    if (!found.isSocket()) throw new Error('there is something else than a socket');
    if (await answers(socket)) throw new Error('another trivet care runs with it');
    await unlink(socket);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('CARE_STATUS', `the status cannot be served on ${socket}: ${why}`, {
      cause,
      remedy: `see what it is: trivet care status --socket ${socket}; or choose another: --socket PATH`,
    });
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    const end = (alive: boolean) => {
      probe.destroy();
      resolve(alive);
    };
    probe.setTimeout(2000, () => end(true));
    probe.once('connect', () => end(true));
    // ECONNREFUSED: the file is there and nobody listens.
    probe.on('error', (error) => end(!('code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ENOENT'))));
  });
}

const isLoopback = ({ ip, family }: Address): boolean => (family === 4 ? ip.startsWith('127.') : ip === '::1');

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
