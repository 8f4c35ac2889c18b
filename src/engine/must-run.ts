/** Runs what must succeed on a machine, and says what it said when it does not. */

import type { RunOptions, RunResult } from '../model/connection.ts';
import { Failure } from '../model/failure.ts';
import type { Machine } from './machine.ts';
import { script } from './machine-scripts.ts';

/** Runs a snippet of machine-scripts.ts that must succeed: STEP_FAILED or DISK_FULL with what it said. */
export async function runScript(
  machine: Pick<Machine, 'connection' | 'signal'>,
  what: string,
  text: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return mustRun(machine, what, script(text, ...args), options);
}

/** Runs a command that must succeed. */
export async function mustRun(
  machine: Pick<Machine, 'connection' | 'signal'>,
  what: string,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const result = await machine.connection.run(argv, { signal: machine.signal, ...options });
  if (result.code === 0) return result;
  const host = machine.connection.host.name;
  const said = result.stderr.trim() || result.stdout.trim() || `exit status ${result.code}`;
  if (/no space left on device/i.test(said)) {
    throw new Failure('DISK_FULL', `${what}: ${said}`, { host, remedy: `Free space on ${host} (df -h) and run the same command again.` });
  }
  throw new Failure('STEP_FAILED', `${what}: ${said}`, { host });
}
