import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Address } from '../../address.ts';
import type { Dataplane, Table } from '../dataplane.ts';
import { openProxy } from './open-proxy.ts';

let scratch: string;
let opened: (() => Promise<unknown>)[];

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'trivet-proxy-'));
  opened = [];
});

afterEach(async () => {
  for (const close of opened.toReversed()) await close();
  await rm(scratch, { recursive: true });
});

test('apply: connections go to the targets in turn, those of weight 0 get none', async () => {
  const [a, b, c] = [await backend('a'), await backend('b'), await backend('c')];
  const { proxy, service } = await open();
  await proxy.apply(serve(a, b, { ...c, weight: 0 }));
  expect([await answer(service), await answer(service), await answer(service), await answer(service)].sort()).toEqual(['a', 'a', 'b', 'b']);
  expect(await proxy.apply(serve(a, b, { ...c, weight: 0 }))).toEqual([]);
});

test('the other side goes on after one has ended: half-closed connections are passed on whole', async () => {
  const echo = await listening((socket) => {
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part)).on('end', () => socket.end(Buffer.concat(parts)));
  });
  const { proxy, service } = await open();
  await proxy.apply(serve(echo));
  const sent = Buffer.alloc(5_000_000, 'trivet ');
  expect(Buffer.compare(await exchange(service, sent), sent)).toBe(0);
  expect(await proxy.connections()).toEqual(new Map());
});

test('a backend that refuses is passed over at once', async () => {
  const gone = await listening(() => undefined);
  await opened.pop()?.();
  const { proxy, service } = await open();
  await proxy.apply(serve(gone, await backend('b')));
  expect(await Promise.all([answer(service), answer(service), answer(service)])).toEqual(['b', 'b', 'b']);
});

test('nobody takes it: the client is reset', async () => {
  const gone = await listening(() => undefined);
  await opened.pop()?.();
  const { proxy, service } = await open();
  await proxy.apply(serve(gone));
  await expect(answer(service)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('reject: new connections are reset at once, established ones stay', async () => {
  const a = await backend('a');
  const { proxy, service } = await open();
  await proxy.apply(serve(a));
  const held = await hold(service, 'a');
  await proxy.apply({ kind: 'reject', targets: [{ address: a.address, weight: 0 }] });
  await expect(answer(service)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(held.closed).toBe(false);
});

test('cut: both sides of that backend’s connections are reset, others stay', async () => {
  const [a, b] = [await backend('a'), await backend('b')];
  const { proxy, service } = await open();
  await proxy.apply(serve(a));
  const stays = await hold(service, 'a');
  await proxy.apply(serve(b));
  const ends = await hold(service, 'b');
  const reset = once(ends, 'error');
  const other = b.resets();
  expect(await proxy.cut(b.address)).toBe(1);
  expect((await reset)[0]).toMatchObject({ code: 'ECONNRESET' });
  expect(await other).toBe('ECONNRESET');
  expect(stays.closed).toBe(false);
  expect(await proxy.connections()).toEqual(new Map([[`127.0.0.1:${a.address.port}`, 1]]));
  expect(await proxy.cut(b.address)).toBe(0);
});

test('a backend’s reset is the client’s reset', async () => {
  const cruel = await listening((socket) => socket.once('data', () => socket.resetAndDestroy()));
  const { proxy, service } = await open();
  await proxy.apply(serve(cruel));
  await expect(answer(service)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('a port that another program has is said, with how to find it', async () => {
  const taken = await listening(() => undefined);
  const proxy = openProxy(input(taken.address));
  await expect(proxy.apply(serve(taken))).rejects.toMatchObject({ code: 'CARE_DATAPLANE', message: expect.stringContaining('in use') });
});

interface Backend {
  readonly address: Address;
  /** How its next connection ends. */
  readonly resets: () => Promise<string | undefined>;
}

async function listening(take: (socket: Socket) => void): Promise<Backend> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    take(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  });
  const address: Address = { ip: '127.0.0.1', family: 4, port: portOf(server.address()) };
  const resets = async () => {
    const errors = [...sockets].map((socket) => once(socket, 'error'));
    const [error] = await Promise.race(errors);
    return error instanceof Error && 'code' in error ? String(error.code) : undefined;
  };
  return { address, resets };
}

/** Answers everything with its name, and stays open. */
function backend(name: string): Promise<Backend> {
  return listening((socket) => socket.on('data', () => socket.write(name)).on('end', () => socket.end()));
}

async function open(): Promise<{ readonly proxy: Dataplane; readonly service: Address }> {
  const free = await listening(() => undefined);
  await opened.pop()?.();
  const proxy = openProxy(input(free.address));
  opened.push(() => proxy.close());
  return { proxy, service: free.address };
}

function input(service: Address): Parameters<typeof openProxy>[0] {
  const rest = { nodeIp: undefined, masqueradeBit: 0, stateDirectory: scratch, log: () => undefined };
  return { service, scheduler: 'rr', mode: 'route', interface: 'lvscare', ...rest };
}

function serve(...targets: readonly { readonly address: Address; readonly weight?: number }[]): Table {
  return { kind: 'serve', targets: targets.map(({ address, weight }) => ({ address, weight: weight ?? 1 })) };
}

async function hold(service: Address, expected: string): Promise<Socket> {
  const socket = connect({ host: service.ip, port: service.port });
  opened.push(async () => socket.destroy());
  socket.write('?');
  const [text]: unknown[] = await once(socket, 'data');
  expect(String(text)).toBe(expected);
  return socket;
}

async function answer(service: Address): Promise<string> {
  return (await exchange(service, Buffer.from('?'))).toString();
}

async function exchange(service: Address, sent: Buffer): Promise<Buffer> {
  const socket = connect({ host: service.ip, port: service.port, allowHalfOpen: true });
  socket.end(sent);
  const parts: Buffer[] = [];
  for await (const part of socket) if (Buffer.isBuffer(part)) parts.push(part);
  return Buffer.concat(parts);
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
