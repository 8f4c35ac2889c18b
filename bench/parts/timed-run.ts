/** Runs a program as a user would, and notes how long it took and what it needed. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/local/package-root.ts';
import { followMemory, type PeakMemory } from './peak-memory.ts';

export interface TimedRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** From the start of the process to its end. */
  readonly seconds: number;
  readonly memory: PeakMemory;
}

/** ./trivet of this checkout. */
export const trivetProgram = join(packageRoot(), 'trivet');

/** Any exit status is data. An abort ends the program with SIGINT and throws the signal's reason. */
export async function timedRun(argv: readonly string[], signal?: AbortSignal): Promise<TimedRun> {
  signal?.throwIfAborted();
  const [program = '', ...rest] = argv;
  const started = performance.now();
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const memory = followMemory(child.pid ?? 0);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const stop = () => void child.kill('SIGINT');
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? 130));
    });
    signal?.throwIfAborted();
    return { code, ...output, seconds: (performance.now() - started) / 1000, memory: memory.stop() };
  } finally {
    memory.stop();
    signal?.removeEventListener('abort', stop);
  }
}

/** ./trivet ARGS; an Error with what it printed when it fails. */
export async function trivetSucceeds(args: readonly string[], signal?: AbortSignal): Promise<TimedRun> {
  const run = await timedRun([trivetProgram, ...args], signal);
  if (run.code !== 0) throw new Error(`./trivet ${args.join(' ')} ended with status ${run.code}:\n${run.stderr || run.stdout}`);
  return run;
}
