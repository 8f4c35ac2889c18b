import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Address } from '../address.ts';
import type { HealthCheck, Pace } from '../settings.ts';
import { openOwnClock } from './own-clock.ts';
import { type ClosedEvent, openProber, type Prober } from './prober.ts';
import { openTrust } from './trust.ts';

const directory = mkdtempSync(join(tmpdir(), 'trivet-prober-'));
const file = (name: string): string => join(directory, name);
const clock = openOwnClock();
const logged: string[] = [];
const pace: Pace = {
  everyMs: 200,
  checkEveryMs: 1000,
  timeoutMs: 400,
  checkTimeoutMs: 600,
  suspectEveryMs: 50,
  jitter: 0,
  ownStallMs: 100,
};

function openssl(line: string): void {
  execFileSync('openssl', line.split(' '), { cwd: directory, stdio: 'ignore' });
}

beforeAll(() => {
  const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1';
  for (const ca of ['ca', 'other-ca']) openssl(`req -x509 ${newKey} -keyout ${ca}.key -out ${ca}.pem -subj /CN=${ca}`);
  for (const [name, names] of [
    ['here', 'IP:127.0.0.1,IP:::1,DNS:kubernetes'],
    ['elsewhere', 'IP:192.0.2.1'],
  ]) {
    openssl(
      `req -x509 ${newKey} -CA ca.pem -CAkey ca.key -keyout ${name}.key -out ${name}.pem -subj /CN=${name} -addext subjectAltName=${names}`,
    );
  }
});

const probers: Prober[] = [];
const servers: { close: () => unknown }[] = [];
const children: ChildProcess[] = [];
afterEach(() => {
  for (const prober of probers.splice(0)) prober.close();
  for (const server of servers.splice(0)) server.close();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => {
  clock.close();
  rmSync(directory, { recursive: true });
});

const https: Extract<HealthCheck, { kind: 'http' | 'https' }> = {
  kind: 'https',
  method: 'GET',
  path: '/readyz?exclude=etcd',
  headers: {},
  body: undefined,
  statuses: undefined,
  caFile: file('ca.pem'),
  skipVerify: false,
  serverName: undefined,
};

function open(address: Address, changes: Partial<typeof https> | { readonly kind: 'tcp' } = {}): Prober {
  const check: HealthCheck = changes.kind === 'tcp' ? { kind: 'tcp' } : { ...https, ...changes };
  const prober = openProber(address, check, pace, {
    clock,
    trust: openTrust(check, (level, message) => logged.push(`${level} ${message}`)),
  });
  probers.push(prober);
  return prober;
}

async function listen(server: Server, ip = '127.0.0.1'): Promise<Address> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, ip, resolve));
  const address = server.address();
  return { ip, family: ip === '::1' ? 6 : 4, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

interface Backend {
  readonly address: Address;
  readonly sessions: ServerHttp2Session[];
  readonly server: Http2SecureServer;
}

type Answer = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

async function http2Backend(answer: Answer | number = 200, { certificate = 'here', ip = '127.0.0.1' } = {}): Promise<Backend> {
  const server = createSecureServer({ key: readFileSync(file(`${certificate}.key`)), cert: readFileSync(file(`${certificate}.pem`)) });
  const sessions: ServerHttp2Session[] = [];
  server.on('session', (session) => sessions.push(session));
  server.on('sessionError', () => undefined);
  server.on('request', (request, response) => {
    if (typeof answer !== 'number') answer(request, response);
    else response.writeHead(answer).end('ok');
  });
  const address = await listen(server, ip);
  servers.push({ close: () => sessions.forEach((session) => void session.destroy()) });
  return { address, sessions, server };
}

function nextEvent(prober: Prober): Promise<ClosedEvent> {
  return new Promise((resolve) => prober.onClosed(resolve));
}

describe('openProber over HTTP/2', () => {
  it('look: a check opens the session and a ping uses it', async () => {
    const { address, sessions } = await http2Backend();
    const prober = open(address);
    expect(prober.held).toBe(false);
    expect(await prober.look('ping')).toMatchObject({ kind: 'fresh', result: 'ok', detail: expect.stringMatching(/^200 in/) });
    expect(prober.held).toBe(true);
    expect(await prober.look('ping')).toMatchObject({ kind: 'ping', result: 'ok' });
    expect(await prober.look('check')).toMatchObject({ kind: 'check', result: 'ok' });
    expect(sessions).toHaveLength(1);
  });

  it('look: works with IPv6 too', async () => {
    const { address } = await http2Backend(200, { ip: '::1' });
    expect(await open(address).look('check')).toMatchObject({ result: 'ok' });
  });

  it.each([
    [200, 'ok'],
    [401, 'ok'],
    [403, 'ok'],
    [404, 'draining'],
    [500, 'draining'],
    [503, 'draining'],
  ])('look: status %i is %s', async (status, result) => {
    const { address } = await http2Backend(status);
    const prober = open(address);
    expect(await prober.look('check')).toMatchObject({ kind: 'fresh', result });
    expect(prober.held, 'a backend that drains still answers PINGs').toBe(true);
    expect(await prober.look('ping')).toMatchObject({ kind: 'ping', result: 'ok' });
  });

  it('look: a backend that comes back is asked by its own path, on the held session too', async () => {
    const asked: string[] = [];
    const { address } = await http2Backend(({ url }, response) => {
      asked.push(url);
      response.end('ok');
    });
    const prober = open(address, { pathOfReturn: '/readyz' });
    await prober.look('fresh', true);
    await prober.look('check', true);
    await prober.look('check');
    await open(address).look('fresh', true);
    expect(asked).toEqual(['/readyz', '/readyz', '/readyz?exclude=etcd', '/readyz?exclude=etcd']);
  });

  it('look: only the statuses that were asked for', async () => {
    const { address } = await http2Backend(401);
    expect(await open(address, { statuses: [200] }).look('check')).toMatchObject({ result: 'draining' });
    expect(await open(address, { statuses: [200, 401] }).look('check')).toMatchObject({ result: 'ok' });
  });

  it('look: a GET that is not answered is missed although PINGs are answered, and the session stays', async () => {
    let asked = 0;
    const { address, sessions } = await http2Backend((_, response) => void (asked++ === 0 && response.end('ok')));
    const prober = open(address);
    await prober.look('check');
    const look = prober.look('check');
    expect(await prober.look('ping')).toMatchObject({ kind: 'ping', result: 'ok' });
    expect(await look).toMatchObject({ kind: 'check', result: 'missed', detail: 'no answer to GET within 600 ms' });
    expect(await prober.look('ping')).toMatchObject({ kind: 'ping', result: 'ok' });
    expect(sessions).toHaveLength(1);
  });

  it('look: fresh asks beside a session that is well, and takes the place of one that is silent', async () => {
    const { address, sessions } = await http2Backend();
    const pipes: Socket[] = [];
    const way = createTcpServer((near) => {
      const far = connect(address.port, address.ip);
      pipes.push(near, far);
      near.on('error', () => far.destroy()).pipe(far);
      far.on('error', () => near.destroy()).pipe(near);
    });
    const prober = open(await listen(way));
    await prober.look('check');
    expect(await prober.look('fresh')).toMatchObject({ kind: 'fresh', result: 'ok' });
    expect(await prober.look('ping')).toMatchObject({ kind: 'ping', result: 'ok' });
    expect(sessions).toHaveLength(2);
    pipes[0]?.unpipe().pause();
    const check = prober.look('check');
    expect(await prober.look('ping')).toMatchObject({ kind: 'ping', result: 'missed' });
    expect(await prober.look('fresh')).toMatchObject({ kind: 'fresh', result: 'ok' });
    expect(await check).toMatchObject({ result: 'missed', detail: 'no answer before another session took its place' });
    expect(await prober.look('ping')).toMatchObject({ kind: 'ping', result: 'ok' });
    expect(sessions).toHaveLength(3);
    for (const pipe of pipes) pipe.destroy();
  });

  it('onClosed: tells at once when the process dies, and the next look is refused', async () => {
    const { address, child } = await childBackend();
    const prober = open(address);
    await prober.look('check');
    const event = nextEvent(prober);
    // The kernel closes its sockets one after another, and the one that listens may come last.
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    expect(await event).toMatchObject({ kind: 'closed', look: { kind: 'ping', result: 'closed' } });
    await gone;
    expect(prober.held).toBe(false);
    expect(await prober.look('connect')).toMatchObject({ kind: 'connect', result: 'refused' });
    expect(await prober.look('check')).toMatchObject({ kind: 'connect', result: 'refused' });
  });

  it('onClosed: a polite GOAWAY is not a break', async () => {
    const { address, sessions } = await http2Backend();
    const prober = open(address);
    await prober.look('check');
    const event = nextEvent(prober);
    for (const session of sessions) session.close();
    expect(await event).toEqual({ kind: 'leaving' });
    expect(await prober.look('ping')).toMatchObject({ kind: 'fresh', result: 'ok' });
    expect(sessions).toHaveLength(2);
  });

  it('onClosed: says nothing of what close() does', async () => {
    const { address, sessions } = await http2Backend();
    const prober = open(address);
    await prober.look('check');
    let told = 0;
    prober.onClosed(() => told++);
    const gone = new Promise((resolve) => sessions[0]?.once('close', resolve));
    prober.close();
    await gone;
    expect(told).toBe(0);
  });

  it('look: misses a frozen process by PING while its socket still connects, and a new session gets no handshake', async () => {
    const { address, child } = await childBackend();
    const prober = open(address);
    expect(await prober.look('check')).toMatchObject({ result: 'ok' });
    child.kill('SIGSTOP');
    expect(await prober.look('ping')).toMatchObject({ kind: 'ping', result: 'missed', detail: 'no PING within 400 ms' });
    expect(await prober.look('connect')).toMatchObject({ kind: 'connect', result: 'ok' });
    expect(await prober.look('fresh')).toMatchObject({ kind: 'fresh', result: 'missed', detail: 'no TLS handshake within 600 ms' });
    child.kill('SIGCONT');
    expect(await prober.look('check')).toMatchObject({ result: 'ok' });
  });
});

describe('openProber and certificates', () => {
  it('look: a certificate of another CA is untrusted', async () => {
    const { address } = await http2Backend();
    const look = await open(address, { caFile: file('other-ca.pem') }).look('check');
    expect(look).toMatchObject({ result: 'untrusted', detail: expect.stringMatching(/^its certificate is not of this CA/) });
  });

  it('look: a certificate for another address is untrusted, unless its name is the one asked for', async () => {
    const elsewhere = await http2Backend(200, { certificate: 'elsewhere' });
    expect(await open(elsewhere.address).look('check')).toMatchObject({
      result: 'untrusted',
      detail: 'its certificate does not name 127.0.0.1',
    });
    const here = await http2Backend();
    expect(await open(here.address, { serverName: 'kubernetes' }).look('check')).toMatchObject({ result: 'ok' });
    expect(await open(here.address, { serverName: 'etcd' }).look('check')).toMatchObject({ result: 'untrusted' });
  });

  it('look: verifies nothing while the CA file is missing, says so once, and verifies when it comes', async () => {
    const { address } = await http2Backend();
    const caFile = file('comes-later.pem');
    logged.length = 0;
    const check = { ...https, caFile };
    const trust = openTrust(check, (level, message) => logged.push(`${level} ${message}`));
    for (let round = 0; round < 2; round++) {
      const prober = openProber(address, check, pace, { clock, trust });
      expect(await prober.look('check')).toMatchObject({ result: 'ok' });
      prober.close();
    }
    expect(logged).toEqual([`warn the backends' certificates are not verified: ${caFile} does not exist yet`]);
    writeFileSync(`${caFile}.tmp`, readFileSync(file('other-ca.pem')));
    renameSync(`${caFile}.tmp`, caFile);
    const prober = openProber(address, check, pace, { clock, trust });
    expect(await prober.look('check')).toMatchObject({ result: 'untrusted' });
    prober.close();
  });

  it('look: a server without TLS is untrusted', async () => {
    const address = await listen(createServer((_, response) => response.end('ok')));
    expect(await open(address).look('check')).toMatchObject({ result: 'untrusted' });
  });
});

describe('openProber over HTTP/1.1 and TCP', () => {
  it('look: asks on one kept connection, and tells when it ends', async () => {
    const sockets: Socket[] = [];
    const server = createServer((_, response) => response.end('ok'));
    server.on('connection', (socket) => sockets.push(socket));
    const prober = open(await listen(server), { kind: 'http' });
    expect(await prober.look('ping')).toMatchObject({ kind: 'fresh', result: 'ok' });
    for (const kind of ['check', 'ping', 'fresh'] as const) expect(await prober.look(kind)).toMatchObject({ kind: 'check', result: 'ok' });
    expect(sockets).toHaveLength(1);
    expect(prober.held).toBe(false);
    const left = nextEvent(prober);
    server.close();
    sockets[0]?.resetAndDestroy();
    expect(await left).toEqual({ kind: 'leaving' });
    expect(await prober.look('check')).toMatchObject({ result: 'refused' });
  });

  it('look: over TLS without HTTP/2', async () => {
    let connections = 0;
    const server = createHttpsServer({ key: readFileSync(file('here.key')), cert: readFileSync(file('here.pem')) }, (_, response) =>
      response.writeHead(503).end(),
    );
    server.on('secureConnection', () => connections++);
    const prober = open(await listen(server));
    expect(await prober.look('check')).toMatchObject({ result: 'draining' });
    expect(await prober.look('check')).toMatchObject({ result: 'draining' });
    expect(connections).toBe(1);
  });

  it('look: a server that ends the connection after each answer is well', async () => {
    const server = createServer((_, response) => response.setHeader('connection', 'close').end('ok'));
    const prober = open(await listen(server), { kind: 'http' });
    let told = 0;
    prober.onClosed(() => told++);
    for (let round = 0; round < 3; round++) expect(await prober.look('check')).toMatchObject({ result: 'ok' });
    expect(told).toBe(0);
  });

  it('look: an endless answer counts by its status, and the next check asks on another connection', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked++;
      response.writeHead(200).write('and so on');
    });
    const prober = open(await listen(server), { kind: 'http' });
    expect(await prober.look('check')).toMatchObject({ result: 'ok' });
    expect(await prober.look('check')).toMatchObject({ result: 'ok' });
    expect(asked).toBe(2);
    server.closeAllConnections();
  });

  it('look: sends the method, headers and body that were asked for', async () => {
    let seen = '';
    const server = createServer((request, response) => {
      request.on('data', (chunk) => {
        seen += `${request.method} ${request.headers['x-who']} ${chunk}`;
      });
      request.on('end', () => response.end());
    });
    const prober = open(await listen(server), { kind: 'http', method: 'POST', headers: { 'x-who': 'care' }, body: 'well?' });
    expect(await prober.look('check')).toMatchObject({ result: 'ok' });
    expect(seen).toBe('POST care well?');
  });

  it('look: a server that accepts and never answers is missed', async () => {
    const accepted: Socket[] = [];
    const server = createTcpServer((socket) => accepted.push(socket));
    const address = await listen(server);
    expect(await open(address, { kind: 'http' }).look('check')).toMatchObject({ kind: 'fresh', result: 'missed' });
    expect(await open(address).look('check')).toMatchObject({ kind: 'fresh', result: 'missed', detail: 'no TLS handshake within 600 ms' });
    expect(await open(address, { kind: 'tcp' }).look('check')).toMatchObject({ kind: 'check', result: 'ok' });
    for (const socket of accepted) socket.destroy();
  });

  it('look: nobody listens', async () => {
    const server = createTcpServer();
    const address = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    servers.length = 0;
    for (const kind of ['tcp', 'http', 'https'] as const)
      expect(await open(address, { kind }).look('check')).toMatchObject({ result: 'refused' });
  });

  it('look: measures its own standstill', async () => {
    const accepted: Socket[] = [];
    const address = await listen(createTcpServer((socket) => accepted.push(socket)));
    const look = open(address, { kind: 'http' }).look('check');
    await new Promise((resolve) => setTimeout(resolve, 20));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
    expect((await look).ownDelayMs).toBeGreaterThan(500);
    for (const socket of accepted) socket.destroy();
  });

  it('look: an answer that came during its own standstill counts', async () => {
    const { address, child } = await childBackend();
    const prober = open(address);
    await prober.look('check');
    child.kill('SIGSTOP');
    const look = prober.look('ping');
    await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGCONT');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
    expect(await look).toMatchObject({ kind: 'ping', result: 'ok' });
  });
});

/** A backend in a process of its own, that can be frozen. */
async function childBackend(): Promise<{ readonly address: Address; readonly child: ChildProcess }> {
  const program = `
    import { readFileSync } from 'node:fs';
    import { createSecureServer } from 'node:http2';
    const server = createSecureServer({ key: readFileSync('here.key'), cert: readFileSync('here.pem') });
    server.on('stream', (stream) => { stream.respond({ ':status': 200 }); stream.end(); });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const line = await new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk))));
  return { address: { ip: '127.0.0.1', family: 4, port: Number(line) }, child };
}
