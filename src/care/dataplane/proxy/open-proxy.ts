/** This process itself as the data plane: it takes connections to the VIP and passes their bytes on, where the kernel cannot. */

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Failure } from '../../../model/failure.ts';
import { type Address, addressText } from '../../address.ts';
import type { Dataplane, DataplaneInput, Table } from '../dataplane.ts';
import { readChanges } from '../machine-changes.ts';
import { carriersOf, ensureAddress } from '../vip-address.ts';
import { bufferBytes, hedgedConnect } from './hedged-connect.ts';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

export interface ProxyOptions {
  /** Before a second backend is asked too. Default 100. */
  readonly hedgeMs?: number;
  /** Before a connection that no backend takes is reset. Default 5000. */
  readonly limitMs?: number;
}

/** Listens when the first table is applied. Connections end with this process. */
export function openProxy(input: DataplaneInput, options: ProxyOptions = {}): Dataplane {
  const { service } = input;
  const pairs = new Map<string, Set<Pair>>();
  const waiting = new Set<Socket>();
  const ended = new AbortController();
  let table: Table = { kind: 'reject', targets: [] };
  let turn = 0;
  let server: Server | undefined;

  const take = async (client: Socket): Promise<void> => {
    if (turn === 0) input.onTraffic?.();
    const backends = inTurn(table, turn++);
    // Its errors are its end: 'close' follows.
    client.on('error', () => undefined);
    if (backends.length === 0) {
      client.resetAndDestroy();
      return;
    }
    const gone = new AbortController();
    const leave = () => gone.abort();
    client.once('close', leave);
    waiting.add(client);
    const connected = await hedgedConnect(backends, { ...options, signal: AbortSignal.any([gone.signal, ended.signal]) });
    waiting.delete(client);
    client.off('close', leave);
    if (connected === undefined) client.resetAndDestroy();
    else if (isServed(table, connected.backend)) join(client, connected.socket, addressText(connected.backend));
    else {
      // It went down between the choice and the answer.
      connected.socket.resetAndDestroy();
      client.resetAndDestroy();
    }
  };

  const join = (client: Socket, backend: Socket, name: string): void => {
    const pair: Pair = { client, server: backend };
    const its = pairs.get(name) ?? new Set();
    pairs.set(name, its.add(pair));
    for (const [one, other] of [
      [client, backend],
      [backend, client],
    ] as const) {
      // A machine that lost power says nothing more: the kernel asks whether it is still there.
      one.setKeepAlive(true, 15_000);
      one.on('error', () => undefined);
      one.once('close', (hadError) => {
        if (its.delete(pair) && its.size === 0 && pairs.get(name) === its) pairs.delete(name);
        if (hadError) other.resetAndDestroy();
        else if (!one.readableEnded || !one.writableFinished) other.destroy();
      });
      one.pipe(other);
    }
  };

  return {
    kind: 'proxy',
    detail: `proxy, this process on ${addressText(service)}`,
    apply: async (wanted) => {
      const changed = sameTable(table, wanted) && server !== undefined ? [] : [describe(wanted)];
      table = wanted;
      const address = await ensureOwnAddress(input);
      if (server?.listening === true) return [...address, ...changed];
      server = await listen(service, (client) => void take(client));
      return [...address, `listening on ${addressText(service)}`, ...changed];
    },
    cut: async (backend) => {
      const its = pairs.get(addressText(backend));
      if (its === undefined) return 0;
      const count = its.size;
      for (const pair of [...its]) for (const socket of [pair.server, pair.client]) socket.resetAndDestroy();
      return count;
    },
    connections: async () => new Map([...pairs].map(([name, { size }]) => [name, size])),
    close: async () => {
      ended.abort();
      const closed = server?.listening === true ? once(server, 'close') : undefined;
      server?.close();
      for (const its of [...pairs.values()]) for (const pair of [...its]) for (const socket of [pair.server, pair.client]) socket.destroy();
      for (const client of waiting) client.destroy();
      await closed;
    },
  };
}

/** Those of weight > 0, beginning with another one each time. */
function inTurn(table: Table, turn: number): readonly Address[] {
  if (table.kind === 'reject') return [];
  const backends = table.targets.filter(({ weight }) => weight > 0).map(({ address }) => address);
  const first = backends.length === 0 ? 0 : turn % backends.length;
  return [...backends.slice(first), ...backends.slice(0, first)];
}

function isServed(table: Table, backend: Address): boolean {
  const name = addressText(backend);
  return table.targets.some(({ address }) => addressText(address) === name);
}

/** An address that the machine has already (127.0.0.1 too) is used as it is; one that trivet put there is kept as it should be. */
async function ensureOwnAddress(input: DataplaneInput): Promise<readonly string[]> {
  const carriers = await carriersOf(input.service);
  const ours = (await readChanges(input.stateDirectory, input.service)).addressOn === 'lo';
  return carriers.length === 0 || ours ? ensureAddress(input, 'lo') : [];
}

async function listen(service: Address, take: (client: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: bufferBytes }, take);
  server.listen({ host: service.ip, port: service.port, backlog: 4096 });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw notListening(service, error);
  }
  // Too many open files, mostly: those that come next may be taken again.
  server.on('error', () => undefined);
  return server;
}

function notListening(service: Address, error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const text = addressText(service);
  if (code === 'EADDRINUSE')
    return new Failure('CARE_DATAPLANE', `port ${service.port} of ${service.ip} is in use: another program listens there`, {
      remedy: `See which: ss -ltnp 'sport = ${service.port}'; then end it, or choose another port for --vs.`,
      cause: error,
    });
  const remedy =
    code === 'EACCES' ? 'Ports below 1024 need the capability NET_BIND_SERVICE, or root.' : `Look at: ip addr show to ${service.ip}`;
  return new Failure('CARE_DATAPLANE', `cannot listen on ${text}: ${error instanceof Error ? error.message : String(error)}`, {
    remedy,
    cause: error,
  });
}

function sameTable(one: Table, other: Table): boolean {
  return describe(one) === describe(other);
}

function describe(table: Table): string {
  const names = table.targets.filter(({ weight }) => weight > 0).map(({ address }) => addressText(address));
  return table.kind === 'reject' ? 'new connections are refused' : `new connections go to ${names.join(', ')}`;
}
