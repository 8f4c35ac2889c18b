/** What the suites on the lab share: the CLI as users run it, commands on machines, waiting. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { requireLab, requireMachine } from '../../src/lab/lab-file.ts';
import { labSshCommand } from '../../src/lab/lab-ssh.ts';
import { runInLab } from '../../src/lab/run-in-lab.ts';
import { packageRoot } from '../../src/local/package-root.ts';
import type { RunResult } from '../../src/model/connection.ts';
import type { EventBody } from '../../src/model/event.ts';

export const emit = (event: EventBody): void => {
  if (event.kind === 'progress') process.stderr.write(`${event.task}: ${event.message}\n`);
};

export interface TrivetOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the process: to kill it. */
  readonly started?: (pid: number) => void;
}

/** Runs ./trivet ARGS without a terminal. */
export async function trivet(args: readonly string[], options: TrivetOptions = {}): Promise<RunResult> {
  const child = spawn(join(packageRoot(), 'trivet'), args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
    if ((options.env?.TRIVET_TEST_QUIET ?? process.env.TRIVET_TEST_QUIET) === undefined) process.stderr.write(text);
  });
  if (child.pid !== undefined) options.started?.(child.pid);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 143), ...output }));
  });
}

/** Runs it and throws with its words when it fails. */
export async function trivetOk(...args: readonly string[]): Promise<string> {
  const result = await trivet(args);
  if (result.code !== 0) throw new Error(`trivet ${args.join(' ')} ended with ${result.code}:\n${result.stderr}`);
  return result.stdout;
}

/** The bundle of Kubernetes 1.34.4, made if it is not in the cache. */
export async function testBundle(): Promise<string> {
  return (await trivetOk('bundle', 'create', '--from', 'modules')).trim();
}

/** A shell command as root on a machine of a lab. */
export async function onMachine(lab: string, machine: string, command: string, timeoutSeconds = 60): Promise<RunResult> {
  const argv = labSshCommand(lab, requireMachine(await requireLab(lab), machine), [command]);
  return runInLab(lab, argv, { timeoutSeconds });
}

/** Its standard output; throws on a non-zero exit. */
export async function outputOf(lab: string, machine: string, command: string): Promise<string> {
  const result = await onMachine(lab, machine, command);
  if (result.code !== 0) throw new Error(`${machine}: ${command}: exit ${result.code}: ${result.stderr}`);
  return result.stdout.trim();
}

/** Asks every `everyMs` until it holds; throws after the deadline with what was last seen. Gives the seconds it took. */
export async function until(what: string, deadlineSeconds: number, holds: () => Promise<boolean>, everyMs = 500): Promise<number> {
  const start = performance.now();
  let last: unknown;
  do {
    try {
      if (await holds()) return (performance.now() - start) / 1000;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await delay(everyMs);
  } while (performance.now() - start < deadlineSeconds * 1000);
  throw new Error(`${what}: not within ${deadlineSeconds} s`, { cause: last });
}

/** The masters that carry the VIP right now. */
export async function vipHolders(lab: string, machines: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    machines.map(async (machine) => {
      const result = await onMachine(lab, machine, 'hostname -I', 10).catch(() => undefined);
      return result?.stdout.split(/\s+/).includes('192.0.2.100') ? [machine] : [];
    }),
  );
  return found.flat();
}
