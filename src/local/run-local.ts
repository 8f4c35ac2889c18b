/** Runs a program on the operator's own machine: for the lab, the bundle and OpenSSH. */

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import type { RunResult } from '../model/connection.ts';
import { Failure } from '../model/failure.ts';
import { reveal, type Secret } from '../model/secret.ts';

export interface LocalOptions {
  readonly cwd?: string;
  /** Added to this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Secret;
  /** Default: no limit. After it the program gets SIGTERM, 5 s later SIGKILL, and a Failure CONNECTION_TIMEOUT is thrown. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
  /** Both outputs are appended here as they come. */
  readonly logFile?: string;
  /** Each line of either output, as it comes. */
  readonly onLine?: (line: string) => void;
}

/** A non-zero exit is data; TOOL_MISSING when there is no such program, INTERRUPTED when the signal aborts it. */
export async function runLocal(argv: readonly string[], options: LocalOptions = {}): Promise<RunResult> {
  const [program, ...rest] = argv;
  if (program === undefined) throw new Failure('INTERNAL', 'runLocal: empty argv');
  options.signal?.throwIfAborted();
  const log = options.logFile === undefined ? undefined : createWriteStream(options.logFile, { flags: 'a' });
  log?.write(`$ ${argv.join(' ')}\n`);
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  let partial = '';
  const take = (stream: 'stdout' | 'stderr') => (chunk: string) => {
    output[stream] += chunk;
    log?.write(chunk);
    if (options.onLine === undefined) return;
    const lines = (partial + chunk).split('\n');
    partial = lines.pop() ?? '';
    for (const line of lines) options.onLine(line);
  };
  child.stdout?.setEncoding('utf8').on('data', take('stdout'));
  child.stderr?.setEncoding('utf8').on('data', take('stderr'));
  child.stdin?.on('error', () => undefined).end(options.stdin === undefined ? '' : reveal(options.stdin));
  let timedOut = false;
  let hardKill: NodeJS.Timeout | undefined;
  const end = () => {
    child.kill('SIGTERM');
    hardKill = setTimeout(() => child.kill('SIGKILL'), 5000);
  };
  const timer =
    options.timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          end();
        }, options.timeoutSeconds * 1000);
  options.signal?.addEventListener('abort', end, { once: true });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') reject(error);
        else reject(new Failure('TOOL_MISSING', `${program} is not installed on this machine`, { cause: error }));
      });
      child.once('close', (status, signal) => resolve(status ?? 128 + (signal === 'SIGKILL' ? 9 : 15)));
    });
    if (options.signal?.aborted) throw new Failure('INTERRUPTED', `${program} was stopped`);
    if (timedOut) throw new Failure('CONNECTION_TIMEOUT', `${program} did not finish within ${options.timeoutSeconds} s`);
    return { code, ...output };
  } finally {
    clearTimeout(timer);
    clearTimeout(hardKill);
    options.signal?.removeEventListener('abort', end);
    log?.end();
  }
}
