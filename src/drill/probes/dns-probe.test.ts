import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { dnsProbe } from './dns-probe.ts';
import type { ProbeEvent } from './probe-event.ts';

const servers: Socket[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Answers by what `reply` gives for the nth question: an address, an rcode, or silence. */
async function serve(reply: (number: number) => string | number | undefined) {
  const questions: { name: string; from: number }[] = [];
  const server = createSocket('udp4');
  servers.push(server);
  server.on('message', (message, peer) => {
    questions.push({ name: nameIn(message), from: peer.port });
    const answer = reply(questions.length);
    if (answer !== undefined) server.send(answerTo(message, answer), peer.port, peer.address);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  return { server: `127.0.0.1:${server.address().port}`, questions };
}

function nameIn(message: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; message[at] !== 0; at += (message[at] ?? 0) + 1)
    labels.push(message.toString('latin1', at + 1, at + 1 + (message[at] ?? 0)));
  return labels.join('.');
}

function answerTo(message: Buffer, answer: string | number): Buffer {
  const question = message.subarray(12, message.indexOf(0, 12) + 5);
  const header = Buffer.alloc(12);
  message.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | (typeof answer === 'number' ? answer : 0), 2);
  header.writeUInt16BE(1, 4);
  if (typeof answer === 'number') return Buffer.concat([header, question]);
  header.writeUInt16BE(1, 6);
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, ...answer.split('.').map(Number)]);
  return Buffer.concat([header, question, record]);
}

async function record(server: string, maximum: number, timeoutMs = 200): Promise<readonly ProbeEvent[]> {
  const events: ProbeEvent[] = [];
  const options = { from: 'w1', everyMs: 20, maximum, timeoutMs, signal: new AbortController().signal };
  await dnsProbe({ server, name: 'kubernetes.default.svc.cluster.local' }, options, (event) => events.push(event));
  return events;
}

describe('dnsProbe', { timeout: 20_000 }, () => {
  it('asks each time, on a socket of its own, for the very name', async () => {
    const { server, questions } = await serve(() => '10.96.0.1');
    const events = await record(server, 4);
    expect(events).toHaveLength(4);
    expect(events[0]).toMatchObject({ kind: 'probe', probe: 'dns', from: 'w1', ok: true });
    expect(questions.map(({ name }) => name)).toEqual(Array.from({ length: 4 }, () => 'kubernetes.default.svc.cluster.local'));
    expect(new Set(questions.map(({ from }) => from)).size).toBe(4);
  });

  it('tells silence, asked once, from an answer without the name; neither holds up the next', async () => {
    const { server, questions } = await serve((number) => (number === 1 ? undefined : number === 2 ? 3 : number === 3 ? 2 : '10.96.0.1'));
    const events = (await record(server, 4)).toSorted((a, b) => a.startedMs - b.startedMs);
    expect(events.map(({ ok, detail }) => (ok ? 'ok' : detail))).toEqual(['no answer within 200 ms', 'ENOTFOUND', 'ESERVFAIL', 'ok']);
    expect(questions).toHaveLength(4);
    const [first] = events;
    expect((first?.endedMs ?? 0) - (first?.startedMs ?? 0)).toBeGreaterThan(150);
    expect((first?.endedMs ?? 0) - (first?.startedMs ?? 0)).toBeLessThan(5000);
  });

  it('a server that is not there is a failure', async () => {
    const [event] = await record('127.0.0.1:1', 1);
    expect(event).toMatchObject({ ok: false });
  });
});
