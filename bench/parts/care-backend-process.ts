/**
 * A stand-in for apiservers, run inside a machine's network: HTTPS with HTTP/2 and HTTP/1.1 on each port, and plain HTTP where asked.
 * The first line on standard input is a BackendPlan, each further one a BackendOrder, answered by a line; it ends when its input does.
 */

import { createServer } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { type BackendOrder, backendOrderSchema, backendPlanSchema } from './care-backend-orders.ts';

/** What HTTP/1.1's answer and HTTP/2's have in common. */
interface Response {
  readonly writeHead: (status: number, headers: Readonly<Record<string, string | number>>) => unknown;
  readonly write: (text: string) => unknown;
  readonly end: (text: string) => unknown;
  readonly on: (event: 'error' | 'close', listener: () => void) => unknown;
}

const tickMs = 50;
const lines = createInterface({ input: process.stdin });
const sessions = new Set<ServerHttp2Session>();
const servers: Http2SecureServer[] = [];
const counts = { readyz: 0, hold: 0, other: 0 };
let behaviour = { readyz: 200, delayMs: 0 };
let name = '';

lines.once('line', (first) => {
  void begin(first);
  lines.on('line', (line) => obey(backendOrderSchema.parse(JSON.parse(line))));
});
lines.once('close', () => process.exit(0));

async function begin(line: string): Promise<void> {
  const plan = backendPlanSchema.parse(JSON.parse(line));
  name = plan.name;
  if (!plan.idle) setPriority(-10);
  for (const port of plan.ports) {
    const server = createSecureServer({ key: plan.key, cert: plan.cert, allowHTTP1: true }, answer);
    server.on('session', (session) => {
      sessions.add(session);
      session.once('close', () => sessions.delete(session));
    });
    server.on('sessionError', () => undefined);
    await new Promise<void>((resolve) => server.listen({ port, host: plan.ip, backlog: 4096 }, resolve));
    servers.push(server);
  }
  for (const port of plan.plainPorts) {
    await new Promise<void>((resolve) => createServer(answer).listen({ port, host: plan.ip, backlog: 4096 }, resolve));
  }
  say({ ready: plan.name });
}

function obey(order: BackendOrder): void {
  switch (order.do) {
    case 'behave':
      behaviour = { readyz: order.readyz, delayMs: order.delayMs };
      say({ done: 'behave' });
      break;
    case 'counts':
      say({ done: 'counts', ...counts });
      break;
    case 'shutdown':
      // As an apiserver does: not ready, goes on serving, takes no more, says GOAWAY, ends.
      behaviour = { readyz: 500, delayMs: 0 };
      setTimeout(() => {
        for (const server of servers) server.close();
        for (const session of sessions) session.close();
        setTimeout(() => process.exit(0), 300);
      }, order.afterMs);
      say({ done: 'shutdown' });
      break;
  }
}

function answer(request: { readonly url?: string | undefined }, response: Response): void {
  const url = request.url ?? '/';
  response.on('error', () => undefined);
  if (url.startsWith('/readyz')) {
    counts.readyz += 1;
    const { readyz, delayMs } = behaviour;
    setTimeout(() => send(response, readyz), delayMs);
  } else if (url.startsWith('/hold')) {
    counts.hold += 1;
    hold(response);
  } else {
    counts.other += 1;
    send(response, 200);
  }
}

function send(response: Response, status: number): void {
  const body = `${name}\n`;
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': body.length });
  response.end(body);
}

/** As a watch: its first line is this backend's name, then a line now and then, until the client goes. */
function hold(response: Response): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.write(`${name}\n`);
  const timer = setInterval(() => response.write('.\n'), tickMs);
  response.on('close', () => clearInterval(timer));
}

function say(event: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
