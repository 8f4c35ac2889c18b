import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { exampleStatus } from '../../../test/care/example-status.ts';
import { parseAddress } from '../address.ts';
import { fetchStatus } from './fetch-status.ts';
import { type ServeStatusInput, type StatusServer, serveStatus } from './serve-status.ts';

const root = mkdtempSync(join(tmpdir(), 'trivet-show-'));
afterAll(() => rmSync(root, { recursive: true }));

const servers: StatusServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

let sockets = 0;
function freshSocket(): string {
  sockets += 1;
  return join(root, String(sockets), 'care.sock');
}

async function serve(changes: Partial<ServeStatusInput> = {}) {
  const clock = { nowMs: 1000, turnMs: 1000 };
  const socket = changes.socket ?? freshSocket();
  const server = await serveStatus({
    socket,
    metrics: undefined,
    status: () => exampleStatus,
    lastTurnMs: () => clock.turnMs,
    nowMs: () => clock.nowMs,
    signal: new AbortController().signal,
    ...changes,
  });
  servers.push(server);
  return { socket, clock, server };
}

function ask(
  where: { socketPath: string } | { host: string; port: number },
  path: string,
  more: object = {},
): Promise<{ status: number; type: string; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ ...where, path, agent: false, ...more }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, type: String(response.headers['content-type']), text }));
    });
    sent.on('error', reject).end();
  });
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

describe('serveStatus', () => {
  it('answers on a unix socket that only its user may open', async () => {
    const { socket } = await serve();
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
    expect(await fetchStatus(socket)).toMatchObject(exampleStatus);
    expect(await ask({ socketPath: socket }, '/metrics')).toMatchObject({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
  });

  it('/healthz: 200 while the loop turns, 503 with the reason when it does not', async () => {
    const { socket, clock } = await serve({ staleMs: 2000 });
    expect(await ask({ socketPath: socket }, '/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
    clock.nowMs = 4500;
    expect(await ask({ socketPath: socket }, '/healthz')).toMatchObject({ status: 503, text: 'the loop has not turned for 3.5 s\n' });
  });

  it('anything else is 404, other methods 405, and a body is not read', async () => {
    const { socket } = await serve();
    expect((await ask({ socketPath: socket }, '/')).status).toBe(404);
    expect((await ask({ socketPath: socket }, '/status/../x')).status).toBe(404);
    expect((await ask({ socketPath: socket }, '/status', { method: 'DELETE' })).status).toBe(405);
    const raw = connect(socket);
    raw.write('POST /status HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000000\r\n\r\nx');
    expect(String((await once(raw, 'data'))[0])).toMatch(/^HTTP\/1.1 405/);
    raw.destroy();
  });

  it('serves metrics on loopback, to whoever asks by a loopback name only', async () => {
    const port = await freePort();
    await serve({ metrics: { ip: '127.0.0.1', family: 4, port } });
    const where = { host: '127.0.0.1', port };
    expect((await ask(where, '/metrics')).text).toContain('trivet_care_backend_up{backend="10.0.0.2:6443"} 0\n');
    expect((await ask(where, '/metrics', { headers: { host: 'evil.example' } })).status).toBe(403);
  });

  it('refuses an address that is not loopback, and one that is taken, and then leaves no socket behind', async () => {
    const socket = freshSocket();
    await expect(serve({ socket, metrics: parseAddress('10.0.0.1:9100') })).rejects.toMatchObject({
      code: 'CARE_STATUS',
      message: expect.stringContaining('is not a loopback address'),
    });
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(serve({ socket, metrics: { ip: '127.0.0.1', family: 4, port } })).rejects.toMatchObject({
      code: 'CARE_STATUS',
      remedy: expect.stringContaining(`sport = :${port}`),
    });
    expect(existsSync(socket)).toBe(false);
    taken.close();
  });

  it('refuses the socket of a living daemon, and that one goes on', async () => {
    const { socket } = await serve();
    await expect(serve({ socket })).rejects.toMatchObject({
      code: 'CARE_STATUS',
      message: expect.stringContaining('another trivet care runs with it'),
    });
    expect((await fetchStatus(socket)).pid).toBe(812);
  });

  it('replaces the socket that a killed daemon left', async () => {
    const socket = freshSocket();
    mkdirSync(dirname(socket), { recursive: true });
    const program = join(root, 'listen.mjs');
    writeFileSync(
      program,
      `import { createServer } from 'node:net'; createServer().listen(${JSON.stringify(socket)}, () => process.send('up'));`,
    );
    const child = fork(program);
    await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(socket)).toBe(true);
    await serve({ socket });
    expect((await fetchStatus(socket)).pid).toBe(812);
  });

  it('touches nothing that is not a socket', async () => {
    const socket = freshSocket();
    mkdirSync(dirname(socket), { recursive: true });
    writeFileSync(socket, 'precious');
    await expect(serve({ socket })).rejects.toMatchObject({ code: 'CARE_STATUS' });
    expect(statSync(socket).size).toBe(8);
  });

  it('takes its socket away when its signal is aborted', async () => {
    const end = new AbortController();
    const { socket, server } = await serve({ signal: end.signal });
    end.abort();
    await server.close();
    expect(existsSync(socket)).toBe(false);
  });
});

describe('fetchStatus', () => {
  it('says that no daemon runs, or that it died', async () => {
    await expect(fetchStatus(join(root, 'none.sock'))).rejects.toMatchObject({
      code: 'CARE_STATUS',
      message: expect.stringContaining('no trivet care runs here'),
    });
  });

  it('says when the daemon has only just begun', async () => {
    const { socket } = await serve({
      status: () => {
        throw new Error('only just begun');
      },
    });
    await expect(fetchStatus(socket)).rejects.toMatchObject({ message: 'trivet care shows nothing yet: only just begun' });
  });

  it('says when something else answers there', async () => {
    const socket = join(root, 'other.sock');
    const other = createHttpServer((_request, response) => response.writeHead(404).end()).listen(socket);
    await once(other, 'listening');
    await expect(fetchStatus(socket)).rejects.toMatchObject({ message: expect.stringContaining('answers 404') });
    other.close();
  });

  it('gives up on a daemon that is silent', async () => {
    const socket = join(root, 'silent.sock');
    const silent = createServer().listen(socket);
    await once(silent, 'listening');
    await expect(fetchStatus(socket, AbortSignal.timeout(100))).rejects.toMatchObject({
      message: expect.stringContaining('does not answer'),
    });
    silent.close();
  });
});
