/** Runs a system tool for the lab; unlike a plain run, a non-zero exit is a Failure. */

import { type LocalOptions, runLocal } from '../local/run-local.ts';
import { Failure } from '../model/failure.ts';

/** The directories of root's tools, which are missing in PATH after a plain `su`. */
export function toolPath(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return `${environment.PATH ?? '/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`;
}

/** Its standard output; LAB with the last lines of its standard error when it fails. */
export async function runTool(argv: readonly string[], options: LocalOptions = {}): Promise<string> {
  const result = await runLocal(argv, { ...options, env: { PATH: toolPath(), LC_ALL: 'C', ...options.env } });
  if (result.code === 0) return result.stdout;
  const last = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-3).join('; ');
  throw new Failure('LAB', `${argv.join(' ')} failed with status ${result.code}: ${last}`, {
    ...(options.logFile === undefined ? {} : { log: options.logFile }),
  });
}
