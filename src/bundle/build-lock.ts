/** One build at a time: a lock that the kernel gives back however the process ends. */

import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Emit } from '../model/event.ts';
import { Failure } from '../model/failure.ts';

/** Waits for another build to end (saying so), then runs the work alone. */
export async function withBuildLock<T>(
  directory: string,
  { emit, signal }: { readonly emit: Emit; readonly signal?: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(directory, { recursive: true });
  const interrupted = () => new Failure('INTERRUPTED', 'stopped while waiting for another build');
  if (signal?.aborted) throw interrupted();
  // flock(1) holds the lock while its child reads our pipe, which closes when this process ends in whatever way.
  const holder = spawn('flock', [join(directory, 'lock'), 'sh', '-c', 'echo locked && exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  holder.stdin.on('error', () => undefined);
  const waiting = setTimeout(
    () => emit({ kind: 'progress', task: 'bundle', message: 'another trivet is making a bundle; waiting for it' }),
    1000,
  );
  const { promise: locked, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(interrupted());
  signal?.addEventListener('abort', stop, { once: true });
  holder.once('error', (cause) => reject(new Failure('TOOL_MISSING', 'flock (of util-linux) is not installed on this machine', { cause })));
  holder.once('exit', () => reject(new Failure('BUNDLE_BUILD', `cannot lock ${directory}`)));
  holder.stdout.once('data', () => resolve());
  try {
    await locked;
    clearTimeout(waiting);
    return await work();
  } finally {
    clearTimeout(waiting);
    signal?.removeEventListener('abort', stop);
    holder.stdin.end();
    holder.kill();
  }
}
