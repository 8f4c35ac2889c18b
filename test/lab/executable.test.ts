/** The one executable, as `trivet up` makes it for machines: it starts, and care in it works as it does from the checkout. No lab is needed. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { careExecutable } from '../../src/bundle/care-executable.ts';
import { hashFile } from '../../src/bundle/hash-file.ts';
import { careHelp } from '../../src/cli/care/help-text.ts';
import { version } from '../../src/cli/version.ts';
import { runLocal } from '../../src/local/run-local.ts';

let path = '';
let scratch = '';

beforeAll(async () => {
  path = (await careExecutable()).path;
  scratch = await mkdtemp(join(tmpdir(), 'trivet-executable-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

test('careExecutable makes it once, and knows its digest', async () => {
  const again = await careExecutable();
  expect(again).toEqual({ path, ...(await hashFile(path)) });
  expect((await stat(path)).mode & 0o111).toBe(0o111);
});

test('the executable says its version and its flags, and knows the whole command line', async () => {
  expect(await runLocal([path, '--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  expect(await runLocal([path, 'care', '--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  expect(await runLocal([path, 'care', '--help'])).toMatchObject({ code: 0, stdout: careHelp(), stderr: '' });
  expect(await runLocal([path, 'schemes', '-o', 'json'])).toMatchObject({ code: 0, stderr: '' });
  expect(await runLocal([path, 'care', '--vs', 'x'])).toMatchObject({ code: 2, stdout: '' });
});

test('the executable leaves NODE_OPTIONS to others', async () => {
  expect(await runLocal([path, 'care', '--version'], { env: { NODE_OPTIONS: '--require /nonexistent' } })).toMatchObject({ code: 0 });
});

test('care in the executable guards, shows itself, and ends when it is told to', { timeout: 60_000 }, async () => {
  const backend = createServer((socket) => socket.on('error', () => undefined).end('hello\n')).listen(0, '127.0.0.1');
  await once(backend, 'listening');
  const address = backend.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const socket = join(scratch, 'care.sock');
  const flags = ['--vs=127.0.0.1:16443', `--rs=127.0.0.1:${address.port}`, '--backend=proxy', '--health-schem=tcp'];
  const daemon = spawn(path, ['care', ...flags, `--state-directory=${scratch}`, `--socket=${socket}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(daemon, 'close');
  try {
    let log = '';
    for await (const text of daemon.stderr.setEncoding('utf8')) {
      log += String(text);
      if (log.includes('"table: serve')) break;
    }
    const status = await runLocal([path, 'care', 'status', '--socket', socket, '-o', 'json']);
    expect(status).toMatchObject({ code: 0 });
    expect(JSON.parse(status.stdout)).toMatchObject({ version, table: 'serve', service: '127.0.0.1:16443' });
  } finally {
    daemon.kill('SIGTERM');
    backend.close();
  }
  expect(await ended).toEqual([0, null]);
});
