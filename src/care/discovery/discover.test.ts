import { rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { throwawayPki } from '../../../test/care/throwaway-pki.ts';
import { type Address, addressText, parseAddress } from '../address.ts';
import type { DiscoveryStatus } from '../status.ts';
import { type DiscoverInput, discover } from './discover.ts';

const pki = throwawayPki();
const serverPem = pki.server(['IP:127.0.0.1', 'IP:127.0.0.2', 'IP:127.0.0.3', 'IP:::1']);
const clients = [pki.client('system:node:w1'), pki.client('system:node:w1-renewed')];
const kubeconfig = join(pki.directory, 'kubelet.conf');
const current = join(pki.directory, 'kubelet-client-current.pem');

interface Master {
  readonly address: Address;
  /** Common names of the client certificates, a request each. */
  readonly askedBy: string[];
  readonly urls: string[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Breaks every open connection. */
  readonly drop: () => void;
  readonly stop: () => void;
}

const opened: Master[] = [];
const ends: AbortController[] = [];

async function master(ip: string, pem = serverPem, ca = pki.ca): Promise<Master> {
  const server: Server = createServer({ ...pem, ca, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    if (request.socket instanceof TLSSocket) made.askedBy.push(String(request.socket.getPeerCertificate().subject.CN));
    made.urls.push(String(request.url));
    made.answer(request, response);
  });
  // A member is verified without a client certificate, as an apiserver allows; requests need one here.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, ip, resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const parsed = parseAddress(ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);
  if (parsed === undefined) throw new Error('no address');
  const drop = () => server.closeAllConnections();
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  const made: Master = {
    address: parsed,
    askedBy: [],
    urls: [],
    answer: (_request, response) => response.writeHead(500).end(),
    drop,
    stop,
  };
  opened.push(made);
  return made;
}

beforeAll(() => {
  writeFileSync(
    kubeconfig,
    `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${Buffer.from(pki.ca).toString('base64')}
    server: https://apiserver.cluster.local:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: system:node:w1
  name: system:node:w1@kubernetes
current-context: system:node:w1@kubernetes
kind: Config
preferences: {}
users:
- name: system:node:w1
  user:
    client-certificate: ${current}
    client-key: ${current}
`,
  );
  renew(0);
});

afterEach(() => {
  for (const end of ends.splice(0)) end.abort();
  for (const one of opened.splice(0)) one.stop();
  renew(0);
});

afterAll(() => pki.remove());

function renew(which: 0 | 1): void {
  const pem = clients[which];
  writeFileSync(current, `${pem?.cert}${pem?.key}`);
}

function slice(port: number, ips: readonly string[], version = '7'): object {
  return {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { name: 'kubernetes', namespace: 'default', resourceVersion: version },
    addressType: ips.some((ip) => ip.includes(':')) ? 'IPv6' : 'IPv4',
    endpoints: ips.map((ip) => ({ addresses: [ip], conditions: { ready: true } })),
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
}

const listOf = (...slices: object[]) => ({
  kind: 'EndpointSliceList',
  apiVersion: 'discovery.k8s.io/v1',
  metadata: { resourceVersion: '7' },
  items: slices,
});
const isWatch = (request: IncomingMessage) => request.url?.includes('watch=true') === true;
const json = (response: ServerResponse, body: object, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const event = (response: ServerResponse, type: string, object: object) => response.write(`${JSON.stringify({ type, object })}\n`);

/** Serves the list and then the watch; the watch stays open unless `watch` ends it. */
function serve(one: Master, list: object, watch: (response: ServerResponse) => void = () => undefined): void {
  one.answer = (request, response) => {
    if (!isWatch(request)) return void json(response, list);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    watch(response);
  };
}

const pace = { waitMs: 20, tickMs: 40, answerMs: 300, idleMs: 400, verifyMs: 300, backoffMs: 10, backoffMostMs: 40, stableMs: 60 };

function start(masters: readonly Master[], changes: Partial<DiscoverInput> = {}) {
  const end = new AbortController();
  ends.push(end);
  const lines: string[] = [];
  const reports: DiscoveryStatus[] = [];
  const members = discover({
    settings: { kubeconfig, absentMs: 30_000 },
    masters: () => masters.map(({ address }) => address),
    caFile: pki.caFile,
    signal: end.signal,
    log: (level, message, fields) => void lines.push(`${level} ${message}${fields?.remedy === undefined ? '' : ` → ${fields.remedy}`}`),
    delay: (ms, signal) => delay(ms, undefined, { signal }),
    report: (status) => void reports.push(status),
    random: () => 0.5,
    pace,
    ...changes,
  });
  const next = async () => (await members.next()).value?.map(addressText);
  return { members, next, lines, reports, end };
}

/** This machine may be busy with measurements. */
const soon = { timeout: 4000, interval: 10 };

/** What comes within the time; the generator is left waiting. */
async function nothingWithin(
  ms: number,
  next: () => Promise<readonly string[] | undefined>,
): Promise<readonly string[] | 'nothing' | undefined> {
  return Promise.race([next(), delay(ms, 'nothing' as const)]);
}

describe('discover', () => {
  it('yields the list, then what the watch brings, from one master and with a name in the field selector', async () => {
    const [m1, m2] = [await master('127.0.0.1'), await master('127.0.0.2')];
    const { port } = m1.address;
    serve(m1, listOf(slice(port, ['127.0.0.1'])), (response) => {
      event(response, 'BOOKMARK', { kind: 'EndpointSlice', metadata: { resourceVersion: '8' } });
      event(response, 'MODIFIED', slice(port, ['127.0.0.1', '127.0.0.9'], '9'));
      const third = JSON.stringify({ type: 'MODIFIED', object: slice(port, ['127.0.0.9'], '10') });
      response.write(third.slice(0, 50));
      setTimeout(() => response.write(`${third.slice(50)}\n`), 20);
    });
    const known = parseAddress(`127.0.0.9:${port}`);
    const { next, reports } = start([m1, m2], { known: known === undefined ? [] : [known, m1.address] });
    expect(await next()).toEqual([`127.0.0.1:${port}`]);
    // It was verified before it left the list, which took its admission away: nobody listens there.
    expect(await nothingWithin(150, next)).toBe('nothing');
    expect(m1.urls[0]).toBe(
      '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?fieldSelector=metadata.name%3Dkubernetes&resourceVersion=0',
    );
    expect(m1.urls[1]).toContain('watch=true&allowWatchBookmarks=true');
    expect(m1.urls[1]).toContain('resourceVersion=7');
    expect(m2.urls).toEqual([]);
    expect(reports.at(-1)).toMatchObject({ kind: 'following', via: `127.0.0.1:${port}`, unverified: [`127.0.0.9:${port}`] });
  });

  it('admits a member that another CA signed never, and one that starts to listen later without a new event', async () => {
    const m1 = await master('127.0.0.1');
    const { port } = m1.address;
    serve(m1, listOf(slice(port, ['127.0.0.1', '127.0.0.2', '127.0.0.3'])));
    const { next, lines } = start([m1]);
    expect(await next()).toEqual([`127.0.0.1:${port}`]);
    const foreignPki = throwawayPki();
    const foreign = createServer({ ...foreignPki.server(['IP:127.0.0.2']) });
    await new Promise<void>((resolve) => foreign.listen(port, '127.0.0.2', resolve));
    const late = createServer(serverPem);
    await new Promise<void>((resolve) => late.listen(port, '127.0.0.3', resolve));
    try {
      expect(await next()).toEqual([`127.0.0.1:${port}`, `127.0.0.3:${port}`]);
      expect(await nothingWithin(150, next)).toBe('nothing');
      expect(lines.filter((line) => line.includes(`127.0.0.2:${port} is on the cluster's list`))).toHaveLength(1);
    } finally {
      foreign.close();
      late.close();
      foreignPki.remove();
    }
  });

  it('asks the next master when the first dies in the middle of a watch', async () => {
    const [m1, m2] = [await master('127.0.0.1'), await master('127.0.0.2')];
    serve(m1, listOf(slice(m1.address.port, ['127.0.0.1'])), (response) => void setTimeout(() => response.socket?.destroy(), 30));
    serve(m2, listOf(slice(m2.address.port, ['127.0.0.2'])));
    const { next, lines } = start([m1, m2]);
    expect(await next()).toEqual([addressText(m1.address)]);
    expect(await next()).toEqual([addressText(m2.address)]);
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringContaining(`discovery: ${addressText(m1.address)} does not answer: aborted; the members stay as they are`),
    ]);
  });

  it('leaves a silent master after the idle time, and one that is no longer healthy at the next tick', async () => {
    const [m1, m2, m3] = [await master('127.0.0.1'), await master('127.0.0.2'), await master('127.0.0.3')];
    for (const one of [m1, m2, m3]) serve(one, listOf(slice(one.address.port, [one.address.ip])));
    let healthy = [m1, m2];
    const { next, lines } = start([], {
      masters: () => healthy.map(({ address }) => address),
      pace: { ...pace, idleMs: 1500 },
    });
    expect(await next()).toEqual([addressText(m1.address)]);
    expect(await next()).toEqual([addressText(m2.address)]);
    expect(lines.some((line) => line.includes('nothing came for 1500 ms'))).toBe(true);
    const asked = performance.now();
    healthy = [m3];
    expect(await next()).toEqual([addressText(m3.address)]);
    expect(performance.now() - asked).toBeLessThan(1400);
  });

  it('lists again after 410, as an answer and as an event, without a word', async () => {
    const m1 = await master('127.0.0.1');
    const { port } = m1.address;
    let watches = 0;
    m1.answer = (request, response) => {
      if (!isWatch(request)) return void json(response, listOf(slice(port, watches === 0 ? ['127.0.0.1'] : ['127.0.0.2', '127.0.0.1'])));
      watches += 1;
      if (watches === 1) return void setTimeout(() => json(response, { kind: 'Status', code: 410 }, 410), 20);
      response.writeHead(200, { 'content-type': 'application/json' });
      setTimeout(() => event(response, 'ERROR', { kind: 'Status', code: 410 }), 20);
    };
    const other = createServer(serverPem);
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.2', resolve));
    const { next, lines } = start([m1]);
    expect(await next()).toEqual([`127.0.0.1:${port}`]);
    expect(await next()).toEqual([`127.0.0.1:${port}`, `127.0.0.2:${port}`]);
    void next();
    await vi.waitFor(() => expect(watches).toBeGreaterThanOrEqual(3), soon);
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual([]);
    other.close();
  });

  it('uses the certificate that was renewed on the disk at the next connection', async () => {
    const m1 = await master('127.0.0.1');
    serve(m1, listOf(slice(m1.address.port, ['127.0.0.1'])), (response) => void setTimeout(() => response.end(), 30));
    const { next } = start([m1]);
    await next();
    expect(m1.askedBy[0]).toBe('system:node:w1');
    renew(1);
    void next();
    await vi.waitFor(() => expect(m1.askedBy.at(-1)).toBe('system:node:w1-renewed'), soon);
  });

  it('waits without a warning for the kubeconfig and the CA, and begins when they come', async () => {
    const m1 = await master('127.0.0.1');
    serve(m1, listOf(slice(m1.address.port, ['127.0.0.1'])));
    const [laterConfig, laterCa] = [join(pki.directory, 'later.conf'), join(pki.directory, 'later.crt')];
    const { next, lines, reports } = start([m1], { settings: { kubeconfig: laterConfig, absentMs: 1 }, caFile: laterCa });
    const first = next();
    const waits = (why: string) => vi.waitFor(() => expect(reports.at(-1)).toEqual({ kind: 'waiting', why, lastSuccess: null }), soon);
    await waits(`${laterConfig} or a file that it names is not there yet`);
    writeFileSync(laterConfig, kubeconfigText(m1));
    await waits(`${laterCa} is not there yet`);
    writeFileSync(laterCa, pki.ca);
    expect(await first).toEqual([addressText(m1.address)]);
    expect(lines.filter((line) => !line.startsWith('info'))).toEqual([]);
    rmSync(laterConfig);
    rmSync(laterCa);
  });

  it('follows IPv6 masters', async () => {
    const m1 = await master('::1');
    serve(m1, listOf(slice(m1.address.port, ['0:0::1'])));
    expect(await start([m1]).next()).toEqual([`[::1]:${m1.address.port}`]);
  });
});

function kubeconfigText(one: Master): string {
  return JSON.stringify({
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: `https://${addressText(one.address)}`, 'certificate-authority': pki.caFile } }],
    users: [{ name: 'u', user: { 'client-certificate': current, 'client-key': current } }],
  });
}

const answers: [string, (one: Master) => Master['answer'], string][] = [
  [
    '403',
    () => (_request, response) => void json(response, { kind: 'Status' }, 403),
    'does not let this machine watch EndpointSlice default/kubernetes (403); the members stay as they are → kubectl --namespace default create role trivet:care',
  ],
  ['401', () => (_request, response) => void json(response, { kind: 'Status' }, 401), 'does not know who asks (401)'],
  [
    'HTML',
    () => (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    'something else than JSON',
  ],
  [
    'JSON cut short',
    () => (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":"Endp'),
    'it is not JSON',
  ],
  [
    'another kind',
    () => (_request, response) => void json(response, { kind: 'PodList', metadata: { resourceVersion: '1' }, items: [] }),
    'it is no EndpointSliceList',
  ],
  [
    'an empty list',
    () => (request, response) =>
      void (isWatch(request) ? response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders() : json(response, listOf())),
    'names no master',
  ],
  [
    'a slice without endpoints',
    (one) => (request, response) =>
      void (isWatch(request)
        ? response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
        : json(response, listOf(slice(one.address.port, [])))),
    'names no master',
  ],
  [
    'host names for addresses',
    (one) => (_request, response) => void json(response, listOf(slice(one.address.port, ['evil.example']))),
    'one of its addresses is none',
  ],
  [
    'an endless answer',
    () => (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      for (let part = 0; part < 40; part += 1) response.write('x'.repeat(1 << 15));
    },
    'its answer is longer than 1 MiB',
  ],
  ['500', () => (_request, response) => void json(response, {}, 500), 'answers 500 when asked'],
  ['silence', () => () => undefined, 'no answer within 300 ms'],
];

describe('discover, answered badly', () => {
  it.each(answers)('%s: yields nothing, says it once with the next command, and goes on', async (_name, answer, said) => {
    const m1 = await master('127.0.0.1');
    m1.answer = answer(m1);
    const { next, lines, reports } = start([m1], { pace: { ...pace, idleMs: 2000 } });
    const pending = next();
    await vi.waitFor(() => expect(reports.at(-1)).toMatchObject({ kind: 'failing', lastSuccess: null }), soon);
    expect(await Promise.race([pending, delay(150, 'nothing' as const)])).toBe('nothing');
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual([expect.stringContaining(said)]);
    m1.drop();
    serve(m1, listOf(slice(m1.address.port, ['127.0.0.1'])));
    expect(await pending).toEqual([addressText(m1.address)]);
  });

  it('a CA that does not match: no request is sent and no credential shown', async () => {
    const m1 = await master('127.0.0.1');
    const other = throwawayPki();
    const { next, lines } = start([m1], { caFile: other.caFile });
    expect(await nothingWithin(200, next)).toBe('nothing');
    expect(m1.urls).toEqual([]);
    expect(lines).toEqual([
      expect.stringMatching(/^warn discovery: the certificate of .* does not verify against the cluster's CA.* → openssl s_client/),
    ]);
    other.remove();
  });

  it('a member that leaves and an empty list after a good one: nothing is yielded', async () => {
    const m1 = await master('127.0.0.1');
    const { port } = m1.address;
    serve(m1, listOf(slice(port, ['127.0.0.1'])), (response) => {
      event(response, 'MODIFIED', slice(port, [], '8'));
      event(response, 'DELETED', slice(port, ['127.0.0.1'], '9'));
    });
    const { next, lines } = start([m1]);
    await next();
    expect(await nothingWithin(100, next)).toBe('nothing');
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringContaining('names no master; the members stay as they are'),
      expect.stringContaining('was deleted; the members stay as they are'),
    ]);
  });

  it('ends at once when its signal is aborted, wherever it waits', async () => {
    const m1 = await master('127.0.0.1');
    m1.answer = () => undefined;
    for (const masters of [[m1], []]) {
      const { next, end } = start(masters, { pace: { ...pace, waitMs: 60_000, answerMs: 60_000 } });
      const pending = next();
      await delay(50);
      const asked = performance.now();
      end.abort();
      expect(await pending).toBeUndefined();
      expect(performance.now() - asked).toBeLessThan(2000);
    }
  });
});
