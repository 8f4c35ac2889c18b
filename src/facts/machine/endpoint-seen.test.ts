/** The small programs that try the endpoint, run by real shells; and what is made of their answers. */

import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../model/connection.ts';
import { endpointSeen } from './endpoint-seen.ts';

const digest = 'a'.repeat(64);
const parse = (stdout: string) => endpointSeen({ address: '192.0.2.100', port: 6443, tries: 4 }).parse({ code: 0, stdout, stderr: '' });

describe('endpointSeen', () => {
  test('counts who answered, and what was tried in vain', () => {
    const stdout = `\n==section reach\nopen\n\n==section certificates\n${digest}  -\n${digest}  -\nnone\n${'b'.repeat(64)}  -\n`;
    expect(parse(stdout)).toEqual({
      outcome: 'open',
      tries: 4,
      certificates: new Map([
        [digest, 2],
        ['b'.repeat(64), 1],
      ]),
    });
  });

  test('a machine without curl tells only whether somebody answers', () => {
    expect(parse('\n==section reach\nrefused\n\n==section certificates\n\n')).toEqual({
      outcome: 'refused',
      tries: 0,
      certificates: new Map(),
    });
  });

  test('no answer at all is silence', () => {
    expect(parse('').outcome).toBe('silent');
  });

  test('by real shells: a port where nobody listens refuses; one that drops its clients is open, and shows no certificate', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const open = await run(port);
    await new Promise((resolve) => server.close(resolve));
    const closed = await run(port);
    expect(open).toMatchObject({ outcome: 'open', certificates: new Map() });
    expect(closed).toEqual({ outcome: 'refused', tries: 0, certificates: new Map() });
  }, 60_000);
});

async function run(port: number) {
  const fact = endpointSeen({ address: '127.0.0.1', port, tries: 2 });
  const [program = '', ...args] = fact.argv;
  const result = await new Promise<RunResult>((resolve) => {
    execFile(program, args, (error, stdout, stderr) => resolve({ code: error === null ? 0 : 1, stdout, stderr }));
  });
  return fact.parse(result);
}
