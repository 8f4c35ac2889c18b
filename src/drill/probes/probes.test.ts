import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeEvent } from './probe-event.ts';
import type { ProbePlan } from './probe-plan.ts';
import { startProbes } from './start-probes.ts';

const directory = mkdtempSync(join(tmpdir(), 'trivet-probes-'));
const sockets = new Set<Socket>();
let connections = 0;
let server: Http2SecureServer;
let api: ProbePlan['api'];
let answer: (request: Http2ServerRequest, response: Http2ServerResponse) => void;

beforeAll(async () => {
  const key = join(directory, 'key.pem');
  const cert = join(directory, 'cert.pem');
  const argv = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${key} -out ${cert} -days 1 -subj /CN=api -addext subjectAltName=IP:127.0.0.1`;
  execFileSync('openssl', argv.split(' '), { stdio: 'ignore' });
  const [keyPem, certPem] = [readFileSync(key, 'utf8'), readFileSync(cert, 'utf8')];
  server = createSecureServer({ key: keyPem, cert: certPem, ca: certPem, requestCert: true, allowHTTP1: true }, (request, response) =>
    answer(request, response),
  );
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket.once('close', () => sockets.delete(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = { address: '127.0.0.1', port: portOf(server), ca: certPem, cert: certPem, key: keyPem };
});

afterEach(() => {
  connections = 0;
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  rmSync(directory, { recursive: true });
});

function portOf(listening: { address(): unknown }): number {
  const address = listening.address();
  return typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : 0;
}

function plan(changes: Partial<ProbePlan>): ProbePlan {
  const base = { from: 'test', api, everyMs: 50, timeoutMs: 300, maximumSeconds: 20, namespace: 'default', run: 'r1' };
  return { ...base, probes: ['new connections'], ...changes };
}

/** Runs until so many attempts have ended. */
async function record(changes: Partial<ProbePlan>, attempts: number): Promise<readonly ProbeEvent[]> {
  const probes = startProbes(plan(changes));
  const of = (events: readonly ProbeEvent[]) => events.filter((event) => event.probe !== 'own delay');
  while (of(probes.events).length < attempts) await new Promise((resolve) => setTimeout(resolve, 10));
  return of(await probes.stop());
}

describe('the probes', { timeout: 60_000 }, () => {
  it('new connections: each attempt connects anew, and goes on starting while earlier ones hang', async () => {
    let asked = 0;
    answer = (_request, response) => {
      asked += 1;
      if (asked > 3) return;
      response.end('ok');
    };
    const events = await record({}, 6);
    expect(connections).toBe(events.length);
    expect(events.filter((event) => event.ok)).toHaveLength(3);
    expect(events.at(4)).toMatchObject({ probe: 'new connections', from: 'test', ok: false, detail: 'no answer within 300 ms' });
    const starts = events.map((event) => event.startedMs).toSorted((a, b) => a - b);
    // Without waiting for the ones that hang, six starts fit well into one timeout.
    expect((starts[5] ?? 0) - (starts[3] ?? 0)).toBeLessThan(290);
  });

  it('new connections: an error status is a failure', async () => {
    answer = (_request, response) => void response.writeHead(500).end();
    expect((await record({}, 1))[0]).toMatchObject({ ok: false, detail: 'status 500' });
  });

  it('reused connection: keeps one, and opens another when it breaks', async () => {
    let asked = 0;
    answer = (_request, response) => {
      asked += 1;
      if (asked === 3) for (const socket of sockets) socket.destroy();
      else response.end('ok');
    };
    const events = await record({ probes: ['reused connection'] }, 8);
    expect(connections).toBe(2);
    expect(events.filter((event) => !event.ok).length).toBeGreaterThanOrEqual(1);
    expect(events.at(-1)?.ok).toBe(true);
  });

  it('writes: numbers them from 0 and tells which were acknowledged', async () => {
    const written: unknown[] = [];
    answer = (request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        written.push(JSON.parse(body));
        response.writeHead(written.length === 2 ? 500 : 201).end('{}');
      });
    };
    const events = await record({ probes: ['writes'] }, 3);
    expect(events.slice(0, 3)).toMatchObject([
      { ok: true, detail: '#0' },
      { ok: false, detail: '#1 status 500' },
      { ok: true, detail: '#2' },
    ]);
    expect(written[0]).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'probe-r1-0', labels: { 'trivet.dev/probe-run': 'r1' } } });
  });

  it('application: asks over plain HTTP, and a refused connection is a failure', async () => {
    const application = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
    const applicationUrl = `http://127.0.0.1:${portOf(application)}/`;
    expect((await record({ probes: ['application'], applicationUrl }, 2))[0]).toMatchObject({ probe: 'application', ok: true });
    application.close();
    expect((await record({ probes: ['application'], applicationUrl }, 1))[0]).toMatchObject({ ok: false, detail: 'ECONNREFUSED' });
  });

  it('end by themselves after their maximum', async () => {
    answer = (_request, response) => response.end('ok');
    const probes = startProbes(plan({ maximumSeconds: 0.5 }));
    expect(await probes.ended).toBe(0);
    expect((await probes.stop()).filter((event) => event.ok).length).toBeLessThanOrEqual(10);
  });
});
