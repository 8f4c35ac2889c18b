import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type SecureServerOptions,
} from 'node:http2';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeEvent } from './probe-event.ts';
import type { ProbePlan } from './probe-plan.ts';
import { startProbes } from './start-probes.ts';

const directory = mkdtempSync(join(tmpdir(), 'trivet-probes-'));
const sockets = new Set<Socket>();
let connections = 0;
let server: Http2SecureServer;
let options: SecureServerOptions;
let api: ProbePlan['api'];
let answer: (request: Http2ServerRequest, response: Http2ServerResponse) => void;

beforeAll(async () => {
  const key = join(directory, 'key.pem');
  const cert = join(directory, 'cert.pem');
  const argv = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${key} -out ${cert} -days 1 -subj /CN=api -addext subjectAltName=DNS:api,DNS:kubernetes,IP:127.0.0.1`;
  execFileSync('openssl', argv.split(' '), { stdio: 'ignore' });
  const [keyPem, certPem] = [readFileSync(key, 'utf8'), readFileSync(cert, 'utf8')];
  // As an apiserver: a client may have a certificate, or none.
  options = { key: keyPem, cert: certPem, ca: certPem, requestCert: true, rejectUnauthorized: false, allowHTTP1: true };
  server = createSecureServer(options, (request, response) => answer(request, response));
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket.once('close', () => sockets.delete(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = { endpoints: [{ address: '127.0.0.1', port: portOf(server) }], ca: certPem, cert: certPem, key: keyPem };
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
  const base = { from: 'test', api, everyMs: 50, timeoutMs: 1000, maximumSeconds: 20, namespace: 'default', run: 'r1' };
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
    expect(events.at(4)).toMatchObject({ probe: 'new connections', from: 'test', ok: false, detail: 'no answer within 1000 ms' });
    const starts = events.map((event) => event.startedMs).toSorted((a, b) => a - b);
    // Without waiting for the ones that hang, six starts fit well into one timeout.
    expect((starts[5] ?? 0) - (starts[3] ?? 0)).toBeLessThan(950);
  });

  it('new connections: of several endpoints the one that takes connections is found, and kept', async () => {
    answer = (_request, response) => response.end('ok');
    const endpoints = [{ address: '127.0.0.1', port: 1 }, ...api.endpoints];
    const events = await record({ api: { ...api, endpoints } }, 5);
    expect(events.some((event) => event.ok)).toBe(true);
    expect(events.some((event) => event.detail === 'ECONNREFUSED')).toBe(false);
  });

  it('new connections: an endpoint that says it does not serve is left for the next one, by one step however many asked it', async () => {
    answer = (_request, response) => response.end('ok');
    const late: Http2ServerResponse[] = [];
    const starting = createSecureServer(options, (_request, response) => {
      late.push(response);
      if (late.length >= 3) for (const one of late) if (!one.writableEnded) one.writeHead(500).end();
    });
    await new Promise<void>((resolve) => starting.listen(0, '127.0.0.1', resolve));
    try {
      const endpoints = [{ address: '127.0.0.1', port: portOf(starting) }, ...api.endpoints, { address: '127.0.0.1', port: 1 }];
      const events = await record({ api: { ...api, endpoints } }, 8);
      expect(late.length).toBeLessThan(6);
      expect(events.filter(({ ok }) => !ok)).toHaveLength(late.length);
      expect(events.at(-1)).toMatchObject({ ok: true });
    } finally {
      starting.close();
    }
  });

  it('new connections: an answer that is no HTTP is none', async () => {
    const other = createTlsServer(options, (socket) => void socket.once('data', () => socket.end('220 mail\r\n')));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    try {
      const endpoints = [{ address: '127.0.0.1', port: portOf(other) }];
      expect((await record({ api: { ...api, endpoints } }, 1))[0]).toMatchObject({ ok: false, detail: 'no answer in HTTP' });
    } finally {
      other.close();
    }
  });

  it('new connections: one endpoint’s certificate must carry the name that was asked for', async () => {
    answer = (_request, response) => response.end('ok');
    const [event] = await record({ api: { ...api, serverName: 'another.name' } }, 1);
    expect(event).toMatchObject({ ok: false, detail: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it.each([401, 403])('new connections: %i is an answer: nobody in particular may not ask', async (status) => {
    answer = (_request, response) => void response.writeHead(status).end();
    expect((await record({}, 1))[0]).toMatchObject({ ok: true });
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
    const written: { readonly metadata: { readonly name: string } }[] = [];
    answer = (request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const object = JSON.parse(body);
        written.push(object);
        const status = [201, 500, 422][written.length - 1] ?? 201;
        response.writeHead(status).end(JSON.stringify({ metadata: { resourceVersion: String(100 + written.length) } }));
      });
    };
    const events = await record({ probes: ['writes'], everyMs: 200 }, 4);
    const byNumber = events.toSorted((a, b) => (a.detail ?? '').localeCompare(b.detail ?? ''));
    expect(byNumber.slice(0, 4)).toMatchObject([
      { ok: true, detail: '#0', revision: 101 },
      { ok: false, detail: '#1 status 500', outcome: 'unknown' },
      { ok: false, detail: '#2 status 422', outcome: 'refused' },
      { ok: true, detail: '#3', revision: 104 },
    ]);
    expect(byNumber[1]).not.toHaveProperty('revision');
    expect(written.find(({ metadata }) => metadata.name === 'probe-r1-0')).toMatchObject({
      kind: 'ConfigMap',
      metadata: { labels: { 'trivet.dev/probe-run': 'r1' } },
    });
  });

  it('writes: one that no connection was made for was refused, one that went out and was not answered is unknown', async () => {
    const endpoints = [{ address: '127.0.0.1', port: 1 }];
    expect((await record({ probes: ['writes'], api: { ...api, endpoints } }, 1))[0]).toMatchObject({
      ok: false,
      detail: '#0 ECONNREFUSED',
      outcome: 'refused',
    });
    answer = () => {};
    expect((await record({ probes: ['writes'], timeoutMs: 300 }, 1))[0]).toMatchObject({ ok: false, outcome: 'unknown' });
  });

  it('linearizable reads: tell the revision that the list shows', async () => {
    const paths: (string | undefined)[] = [];
    answer = (request, response) => {
      paths.push(request.url);
      response.end('{"kind":"EventList","apiVersion":"v1","metadata":{"resourceVersion":"4711"},"items":[]}');
    };
    expect((await record({ probes: ['linearizable reads'] }, 1))[0]).toMatchObject({ ok: true, revision: 4711 });
    expect(paths[0]).toBe('/api/v1/namespaces/kube-system/events?fieldSelector=metadata.name%3Dtrivet-asks-for-the-revision');
    answer = (_request, response) => response.end('ok');
    expect((await record({ probes: ['linearizable reads'] }, 1))[0]).not.toHaveProperty('revision');
  });

  it('watch: tells each change once, the cut with its connection, and the changes after it', async () => {
    let opened = 0;
    answer = (_request, response) => {
      opened += 1;
      const tell = (counter: number) =>
        response.write(`${JSON.stringify({ type: 'MODIFIED', object: { data: { counter: String(counter) } } })}\n`);
      tell(1);
      if (opened > 1) tell(2);
      else setTimeout(() => response.stream.session?.destroy(), 100);
    };
    const events = await record({ probes: ['watch'], watches: 1 }, 3);
    expect(events.map(({ ok, detail }) => [ok, detail])).toEqual([
      [true, 'w1 change 127.0.0.1 1'],
      [false, expect.stringMatching(/^w1 cut 127\.0\.0\.1 /)],
      [true, 'w1 change 127.0.0.1 2'],
    ]);
    expect(events[2]?.startedMs).toBeLessThan(events[1]?.endedMs ?? 0);
  });

  it('watch: a connection on which nothing is heard is pinged, and given up without an answer', async () => {
    answer = (_request, response) => void response.write('');
    // Deaf after a while: not even a ping is answered.
    const cable = createTcpServer((client) => {
      const far = connect(portOf(server), '127.0.0.1');
      for (const socket of [client, far]) socket.on('error', () => undefined);
      client.pipe(far).pipe(client);
      setTimeout(() => client.unpipe(far), 1000);
    });
    await new Promise<void>((resolve) => cable.listen(0, '127.0.0.1', resolve));
    const endpoints = [{ address: '127.0.0.1', port: portOf(cable) }];
    const patience = { idleMs: 300, pingMs: 300 };
    const [event] = await record({ probes: ['watch'], watches: 1, patience, timeoutMs: 5000, api: { ...api, endpoints } }, 1);
    cable.close();
    expect(event).toMatchObject({ ok: false, detail: 'w1 cut 127.0.0.1 silent' });
    expect((event?.endedMs ?? 0) - (event?.startedMs ?? 0)).toBeGreaterThan(550);
  });

  it('kubelet: a pod is timed from its creation to the kubelet’s refusal, and removed', async () => {
    const pods = new Map<string, number>();
    const removed: string[] = [];
    answer = (request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        if (request.method === 'POST') pods.set(JSON.parse(body).metadata.name, Date.now());
        if (request.method === 'DELETE') removed.push(request.url);
        const items = [...pods].map(([name, ms]) => ({
          metadata: { name },
          status: { phase: Date.now() - ms > 300 ? 'Failed' : 'Pending' },
        }));
        response.end(JSON.stringify({ items }));
      });
    };
    const events = await record({ probes: ['kubelet'], direct: api.endpoints, node: 'w1' }, 2);
    expect(events[0]).toMatchObject({ probe: 'kubelet', ok: true, detail: 'pod kubelet-r1-0' });
    expect((events[0]?.endedMs ?? 0) - (events[0]?.startedMs ?? 0)).toBeGreaterThan(290);
    expect(removed[0]).toBe('/api/v1/namespaces/default/pods/kubelet-r1-0?gracePeriodSeconds=0');
  });

  it('counter: makes the object that watches look at, then changes it', async () => {
    let there = false;
    const asked: string[] = [];
    answer = (request, response) => {
      asked.push(request.method);
      if (request.method === 'POST') there = true;
      response.writeHead(there ? 200 : 404).end('{}');
    };
    await record({ probes: ['counter'], direct: api.endpoints }, 3);
    expect(asked).toContain('POST');
    expect(asked.lastIndexOf('PATCH')).toBeGreaterThan(asked.indexOf('POST'));
  });

  it('application: asks over plain HTTP, tells the version that answered, and a refused connection is a failure', async () => {
    const application = createServer((_request, response) => response.end('hello v2 from hello-1\n'));
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
    const applicationUrl = `http://127.0.0.1:${portOf(application)}/`;
    const [first] = await record({ probes: ['application'], applicationUrl }, 2);
    expect(first).toMatchObject({ probe: 'application', ok: true, detail: 'v2' });
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
