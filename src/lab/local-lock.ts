/** A lock among the processes of this box, which the kernel frees when its holder dies, however it dies. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../model/failure.ts';
import { toolPath } from './run-tool.ts';

/** Runs work while this process alone holds the lock; onWait is called when another holds it, which is then waited for. */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  { onWait, signal }: { readonly onWait: () => void; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const release = (await take(file, ['--nonblock'], signal)) ?? (await wait(file, onWait, signal));
  try {
    return await work();
  } finally {
    await release();
  }
}

async function wait(file: string, onWait: () => void, signal: AbortSignal | undefined): Promise<() => Promise<void>> {
  onWait();
  const release = await take(file, [], signal);
  signal?.throwIfAborted();
  if (release === undefined) throw new Failure('LAB', `cannot lock ${file}`);
  return release;
}

/** flock(1) holds the lock until its cat reads the end of our pipe, which comes with this process's end at the latest. */
async function take(file: string, flags: readonly string[], signal: AbortSignal | undefined): Promise<(() => Promise<void>) | undefined> {
  const child = spawn('flock', [...flags, '--no-fork', file, 'sh', '-c', 'echo held; exec cat > /dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, PATH: toolPath() },
    detached: true,
  });
  const stop = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  const closed = once(child, 'close');
  const held = await Promise.race([once(child.stdout, 'data').then(() => true), closed.then(() => false)]);
  signal?.removeEventListener('abort', stop);
  if (!held) return undefined;
  return async () => {
    child.stdin.end();
    await closed;
  };
}
