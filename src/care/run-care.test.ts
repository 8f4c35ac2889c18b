import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type Address, addressText } from './address.ts';
import type { Dataplane } from './dataplane/dataplane.ts';
import { runCare } from './run-care.ts';
import type { CareSettings } from './settings.ts';
import { tableText } from './table-text.ts';

const directory = mkdtempSync(join(tmpdir(), 'trivet-run-care-'));
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

async function backend(): Promise<Address> {
  const server = createServer((_, response) => response.end('ok'));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return addressOf(server);
}

async function deadAddress(): Promise<Address> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = addressOf(server);
  await new Promise((resolve) => server.close(resolve));
  return address;
}

function addressOf(server: { address: Server['address'] }): Address {
  const address = server.address();
  return { ip: '127.0.0.1', family: 4, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

function settingsFor(backends: readonly Address[], name: string): CareSettings {
  return {
    service: { ip: '10.103.97.2', family: 4, port: 6443 },
    backends,
    dataplane: 'auto',
    scheduler: 'rr',
    check: {
      kind: 'http',
      method: 'GET',
      path: '/',
      headers: {},
      body: undefined,
      statuses: undefined,
      caFile: undefined,
      skipVerify: false,
      serverName: undefined,
    },
    pace: { everyMs: 50, checkEveryMs: 200, timeoutMs: 150, checkTimeoutMs: 500, suspectEveryMs: 20, jitter: 0.1, ownStallMs: 100 },
    health: { fall: 3, rise: 3, flapCount: 3, flapWindowMs: 60_000, holdDownMs: 5000, holdDownMostMs: 60_000 },
    discovery: undefined,
    mode: 'route',
    interface: 'lvscare',
    nodeIp: undefined,
    masqueradeBit: 0,
    preferLocal: false,
    stateDirectory: join(directory, name),
    socket: join(directory, name, 'care.sock'),
    metrics: undefined,
    logger: 'info',
    trackFile: undefined,
  };
}

/** Everything that happened to it, and the first line that matches. */
function memoryDataplane(kind: Dataplane['kind'] = 'nft') {
  const told: string[] = [];
  const applied = Promise.withResolvers<void>();
  const dataplane: Dataplane = {
    kind,
    detail: 'in memory',
    apply: async (table) => {
      told.push(tableText(table));
      applied.resolve();
      return [];
    },
    cut: async () => 0,
    connections: async () => new Map(),
    close: async () => void told.push('closed'),
  };
  return { told, applied: applied.promise, open: async () => dataplane };
}

const quiet = (): void => undefined;

function ask(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve(text));
    });
    asked.on('error', reject).end();
  });
}

describe('runCare', () => {
  it('guard: serves, shows itself, and ends with its signal leaving the table as it is', async () => {
    const [address, dead] = [await backend(), await deadAddress()];
    const { told, applied, open } = memoryDataplane();
    const ending = new AbortController();
    const settings = settingsFor([address, dead], 'guard');
    const ended = runCare(settings, {
      kind: 'guard',
      version: '1',
      signal: ending.signal,
      environment: {},
      log: quiet,
      openDataplane: open,
    });
    await applied;
    const status = JSON.parse(await ask(settings.socket, '/status'));
    expect(status).toMatchObject({
      version: '1',
      service: '10.103.97.2:6443',
      table: 'serve',
      applies: { failed: 0 },
      discovery: { kind: 'off' },
    });
    expect(status.backends).toMatchObject([
      { address: addressText(address), state: 'UP', weight: 1, local: true },
      { address: addressText(dead), state: 'DOWN', why: 'refused a connection', weight: null },
    ]);
    expect(await ask(settings.socket, '/healthz')).toBe('ok\n');
    expect(await ask(settings.socket, '/metrics')).toContain(addressText(address));
    ending.abort();
    expect(await ended).toBe(0);
    expect(told).toEqual([`serve ${addressText(address)}=1`, 'closed']);
    await expect(ask(settings.socket, '/healthz')).rejects.toThrow();
  });

  it('guard: another daemon with the same socket is refused before anything is changed', async () => {
    const settings = settingsFor([await backend()], 'twice');
    const [first, second] = [memoryDataplane(), memoryDataplane()];
    const ending = new AbortController();
    const common = { kind: 'guard', version: '1', signal: ending.signal, environment: {}, log: quiet } as const;
    const ended = runCare(settings, { ...common, openDataplane: first.open });
    await first.applied;
    await expect(runCare(settings, { ...common, openDataplane: second.open })).rejects.toThrow('another');
    expect(second.told).toEqual([]);
    ending.abort();
    await ended;
  });

  it('run-once: ends once somebody serves and the table says so', async () => {
    const address = await backend();
    const { told, open } = memoryDataplane();
    const signal = AbortSignal.timeout(20_000);
    expect(
      await runCare(settingsFor([address], 'once'), {
        kind: 'run-once',
        version: '1',
        signal,
        environment: {},
        log: quiet,
        openDataplane: open,
      }),
    ).toBe(0);
    expect(told).toEqual([`serve ${addressText(address)}=1`, 'closed']);
  });

  it('run-once: the proxy cannot', async () => {
    const settings = settingsFor([await backend()], 'once-proxy');
    const { open } = memoryDataplane('proxy');
    const signal = AbortSignal.timeout(20_000);
    const run = runCare(settings, { kind: 'run-once', version: '1', signal, environment: {}, log: quiet, openDataplane: open });
    await expect(run).rejects.toMatchObject({ code: 'CARE_DATAPLANE' });
  });

  it('run-once: tells of each backend when nobody serves', async () => {
    const dead = await deadAddress();
    const ending = new AbortController();
    const { open } = memoryDataplane();
    const settings = settingsFor([dead], 'once-dead');
    const run = runCare(settings, {
      kind: 'run-once',
      version: '1',
      signal: ending.signal,
      environment: {},
      log: quiet,
      openDataplane: open,
      onceMs: 300,
    });
    await expect(run).rejects.toMatchObject({ code: 'WAIT_EXPIRED', findings: [`${addressText(dead)} DOWN: refused a connection`] });
  });
});
