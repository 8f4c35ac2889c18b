/** Starts of the one executable in care mode, and of the Node that is in it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CareStart } from './care-start-result.ts';
import { timedRun } from './timed-run.ts';

/** In turn, so that whatever else the machine does befalls all alike. The first of each warms the disk and is not counted. */
export async function careStarts(trivet: string, count: number, signal: AbortSignal): Promise<CareStart['starts']> {
  const found: CareStart['starts'] = { node: [], careVersion: [], daemon: [], version: [] };
  for (let run = -1; run < count; run++) {
    const times = {
      node: (await timedRun([process.execPath, '-e', '0'], signal)).seconds,
      careVersion: (await timedRun([trivet, 'care', '--version'], signal)).seconds,
      daemon: await untilFirstWord(trivet, signal),
      version: (await timedRun([trivet, '--version'], signal)).seconds,
    };
    if (run < 0) continue;
    for (const name of ['node', 'careVersion', 'daemon', 'version'] as const) found[name].push(times[name]);
  }
  return found;
}

/** Seconds until the daemon's first line of log. It serves a port of its own on loopback and touches nothing of the machine. */
async function untilFirstWord(trivet: string, signal: AbortSignal): Promise<number> {
  const scratch = await mkdtemp(join(tmpdir(), 'trivet-care-start-'));
  const [service, backend] = [await freePort(), await freePort()];
  const flags = [`--vs=127.0.0.1:${service}`, `--rs=127.0.0.1:${backend}`, '--backend=proxy', '--health-schem=tcp'];
  const started = performance.now();
  const daemon = spawn(trivet, ['care', ...flags, `--state-directory=${scratch}`, `--socket=${join(scratch, 'socket')}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  const ended = once(daemon, 'close');
  try {
    const [word] = await once(daemon.stderr, 'data', { signal });
    const seconds = (performance.now() - started) / 1000;
    if (!String(word).includes(' begins')) throw new Error(`trivet care does not begin: ${word}`);
    return seconds;
  } finally {
    daemon.kill('SIGKILL');
    await ended;
    await rm(scratch, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
