import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Address, addressText } from './address.ts';
import { type CareLoop, type CareLoopInput, startCareLoop } from './care-loop.ts';
import type { Dataplane, Table } from './dataplane/dataplane.ts';
import type { Look, LookKind } from './health/look.ts';
import { openOwnClock } from './probe/own-clock.ts';
import { openProber, type Prober } from './probe/prober.ts';
import { openTrust } from './probe/trust.ts';
import type { HealthCheck, HealthPolicy, Pace } from './settings.ts';
import { tableText } from './table-text.ts';

const pace: Pace = { everyMs: 20, checkEveryMs: 60, timeoutMs: 200, checkTimeoutMs: 400, suspectEveryMs: 10, jitter: 0, ownStallMs: 100 };
const policy: HealthPolicy = { fall: 3, rise: 3, flapCount: 50, flapWindowMs: 60_000, holdDownMs: 5000, holdDownMostMs: 60_000 };
const check: HealthCheck = {
  kind: 'http',
  method: 'GET',
  path: '/',
  pathOfReturn: '/whole',
  headers: {},
  body: undefined,
  statuses: undefined,
  caFile: undefined,
  skipVerify: false,
  serverName: undefined,
};
const quiet = (): void => undefined;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** What it was told, in order, and a way to wait for it. */
interface Recorder extends Dataplane {
  readonly told: string[];
  readonly failures: number[];
  readonly foreign: string[];
  readonly until: (line: string | RegExp) => Promise<void>;
}

function recordingDataplane(): Recorder {
  const told: string[] = [];
  const failures: number[] = [];
  const foreign: string[] = [];
  let check: () => void = quiet;
  const tell = (line: string): void => {
    if (told.at(-1) !== line) told.push(line);
    check();
  };
  return {
    kind: 'nft',
    detail: 'in memory',
    told,
    failures,
    foreign,
    apply: async (table: Table) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (failures.pop() !== undefined) {
        tell('failed');
        throw new Error('nft is busy');
      }
      tell(tableText(table));
      return foreign.splice(0);
    },
    cut: async (backend) => {
      tell(`cut ${addressText(backend)}`);
      return 2;
    },
    connections: async () => new Map(),
    close: async () => undefined,
    until: (wanted) =>
      new Promise((resolve) => {
        check = () => {
          const at = told.findIndex((line) => (typeof wanted === 'string' ? line === wanted : wanted.test(line)));
          if (at < 0) return;
          told.splice(0, at);
          check = quiet;
          resolve();
        };
        check();
      }),
  };
}

interface Backend {
  readonly address: Address;
  readonly text: string;
  readonly start: () => Promise<void>;
  readonly kill: () => void;
  status: number;
  /** Of the question after all of its parts; undefined: the same. */
  whole: number | undefined;
}

/** On a port of its own that it keeps when it comes back. */
async function httpBackend(): Promise<Backend> {
  let server: Server | undefined;
  let sockets: Socket[] = [];
  const listen = async (port: number): Promise<number> => {
    server = createServer(({ url }, response) =>
      response.writeHead((url === '/whole' ? backend.whole : undefined) ?? backend.status).end('ok'),
    );
    server.on('connection', (socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  };
  const port = await listen(0);
  const address: Address = { ip: '127.0.0.1', family: 4, port };
  const backend: Backend = {
    address,
    text: addressText(address),
    status: 200,
    whole: undefined,
    start: async () => void (await listen(port)),
    kill: () => {
      server?.close();
      for (const socket of sockets) socket.resetAndDestroy();
      sockets = [];
    },
  };
  endings.push(backend.kill);
  return backend;
}

interface Log {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

function start(backends: readonly Address[], changes: Partial<CareLoopInput> = {}): { loop: CareLoop; dataplane: Recorder; log: Log[] } {
  const clock = openOwnClock();
  const dataplane = recordingDataplane();
  const log: Log[] = [];
  const trust = openTrust(check, quiet);
  const loop = startCareLoop({
    settings: { backends, pace, health: policy, preferLocal: true, absentMs: 50 },
    remembered: [],
    dataplane,
    openProber: (address) => openProber(address, check, pace, { clock, trust }),
    isLocal: () => false,
    log: (_, message, fields) => log.push({ message, fields }),
    now: clock.now,
    random: () => 0.5,
    ...changes,
  });
  endings.push(async () => {
    await loop.close();
    clock.close();
  });
  return { loop, dataplane, log };
}

const serve = (...targets: readonly string[]): string => ['serve', ...targets].join(' ');

describe('startCareLoop', () => {
  it('three backends go one after another until connections are refused, and come back one by one', async () => {
    const [a, b, c] = [await httpBackend(), await httpBackend(), await httpBackend()];
    const { dataplane, loop } = start([a.address, b.address, c.address]);
    await dataplane.until(serve(`${a.text}=1`, `${b.text}=1`, `${c.text}=1`));
    expect(loop.healthy()).toHaveLength(3);
    a.kill();
    await dataplane.until(serve(`${b.text}=1`, `${c.text}=1`));
    await dataplane.until(`cut ${a.text}`);
    b.kill();
    await dataplane.until(serve(`${c.text}=1`));
    await dataplane.until(`cut ${b.text}`);
    c.kill();
    await dataplane.until('reject');
    await dataplane.until(`cut ${c.text}`);
    expect(loop.healthy()).toEqual([]);
    await b.start();
    await dataplane.until(/^serve .*=1$/);
    await a.start();
    await c.start();
    await dataplane.until(serve(`${a.text}=1`, `${b.text}=1`, `${c.text}=1`));
  });

  it('a backend that answers 500 while it still serves gets no new connections and keeps its own', async () => {
    const [a, b] = [await httpBackend(), await httpBackend()];
    const { dataplane } = start([a.address, b.address]);
    await dataplane.until(serve(`${a.text}=1`, `${b.text}=1`));
    a.status = 500;
    await dataplane.until(serve(`${a.text}=0`, `${b.text}=1`));
    a.status = 200;
    await dataplane.until(serve(`${a.text}=1`, `${b.text}=1`));
    expect(dataplane.told.filter((line) => line.startsWith('cut'))).toEqual([]);
  });

  it('one that comes back must be whole while another serves, and need not be when there is none', async () => {
    const [a, b] = [await httpBackend(), await httpBackend()];
    const { dataplane } = start([a.address, b.address]);
    await dataplane.until(serve(`${a.text}=1`, `${b.text}=1`));
    a.kill();
    await dataplane.until(serve(`${b.text}=1`));
    a.whole = 500;
    await a.start();
    await dataplane.until(serve(`${a.text}=0`, `${b.text}=1`));
    a.whole = 200;
    await dataplane.until(serve(`${a.text}=1`, `${b.text}=1`));
    // Whoever serves goes on, whatever it would say to that question.
    [a.whole, b.whole] = [500, 500];
    b.kill();
    await dataplane.until(serve(`${a.text}=1`));
    a.kill();
    await dataplane.until('reject');
    await b.start();
    await dataplane.until(serve(`${b.text}=1`));
  });

  it('the own backend is preferred while it is UP', async () => {
    const [a, b] = [await httpBackend(), await httpBackend()];
    const { dataplane, loop } = start([a.address, b.address], { isLocal: ({ port }) => port === b.address.port });
    await dataplane.until(serve(`${a.text}=0`, `${b.text}=1`));
    expect(loop.healthy()).toEqual([b.address, a.address]);
    b.kill();
    await dataplane.until(serve(`${a.text}=1`));
  });

  it('each transition is logged with its backend, states, reason and monotonic times, and remembered', async () => {
    const a = await httpBackend();
    const { dataplane, log, loop } = start([a.address]);
    await dataplane.until(serve(`${a.text}=1`));
    a.kill();
    await dataplane.until('reject');
    const line = log.find(({ fields }) => fields?.to === 'DOWN');
    expect(line).toMatchObject({
      message: expect.stringMatching(/^\S+ (UP|SUSPECT) → DOWN: refused a connection$/),
      fields: { backend: a.text, to: 'DOWN', why: 'refused a connection', look: { result: 'refused' } },
    });
    expect(loop.changes().map(({ what }) => what)).toEqual(expect.arrayContaining(['added', 'SUSPECT → UP', 'reject']));
  });

  it('a data plane that fails is tried again until it takes the table, and told once', async () => {
    const a = await httpBackend();
    const { dataplane, log, loop } = start([a.address]);
    dataplane.failures.push(1, 2);
    await dataplane.until('failed');
    await dataplane.until(serve(`${a.text}=1`));
    await Promise.resolve();
    expect(log.filter(({ message }) => message.includes('nft is busy'))).toHaveLength(1);
    expect(loop.keeper()).toMatchObject({ failed: 2, trouble: undefined });
  });

  it('what others change in the table is mended', async () => {
    const a = await httpBackend();
    const { dataplane, log } = start([a.address], { mendEveryMs: 30 });
    await dataplane.until(serve(`${a.text}=1`));
    dataplane.foreign.push('10.0.0.9:6443 removed');
    const mended = () => log.some(({ message }) => message.includes('mended'));
    while (!mended()) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('discovered members join, and go when the list drops them and they fail; an empty list changes nothing', async () => {
    const [a, b] = [await httpBackend(), await httpBackend()];
    const { dataplane, loop } = start([a.address]);
    await dataplane.until(serve(`${a.text}=1`));
    loop.list([a.address, b.address]);
    await dataplane.until(serve(`${a.text}=1`, `${b.text}=1`));
    loop.list([]);
    loop.list([a.address]);
    expect(loop.pool()).toHaveLength(2);
    b.kill();
    await dataplane.until(`cut ${b.text}`);
    while (loop.pool().length > 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(loop.pool().map(({ origin }) => origin)).toEqual(['static']);
  });

  it('its own standstill takes nobody out', async () => {
    const [a, b] = [await httpBackend(), await httpBackend()];
    const { dataplane, loop } = start([a.address, b.address]);
    await dataplane.until(serve(`${a.text}=1`, `${b.text}=1`));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(dataplane.told).toEqual([serve(`${a.text}=1`, `${b.text}=1`)]);
    expect(loop.pool().map(({ health }) => health.state)).toEqual(['UP', 'UP']);
  });

  it('two hundred backends are looked at', async () => {
    const addresses = Array.from({ length: 200 }, (_, index): Address => ({ ip: `10.0.${index >> 8}.${index & 255}`, family: 4, port: 1 }));
    const { dataplane, loop } = start(addresses, { openProber: wellProber });
    await dataplane.until(/^serve( \S+=1){200}$/);
    while (loop.healthy().length < 200) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

function wellProber(): Prober {
  const clock = openOwnClock();
  endings.push(clock.close);
  const look = async (kind: LookKind): Promise<Look> => {
    const startedMs = clock.now();
    await new Promise((resolve) => setImmediate(resolve));
    return { kind, result: 'ok', startedMs, endedMs: clock.now(), ownDelayMs: 0, detail: 'well' };
  };
  return { look, onClosed: quiet, held: true, close: quiet };
}
