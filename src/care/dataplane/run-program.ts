/** Runs the small system programs (ip, nft, conntrack, ss, ipvsadm) by which a data plane changes the kernel. */

import { runLocal } from '../../local/run-local.ts';
import type { RunResult } from '../../model/connection.ts';
import { Failure } from '../../model/failure.ts';

/** The directories of root's programs are missing in PATH after a plain `su`. HOME is nowhere: nft would keep a history there. */
export function programEnvironment(environment: Readonly<Record<string, string | undefined>> = process.env): Record<string, string> {
  return { PATH: `${environment.PATH ?? '/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`, LC_ALL: 'C', HOME: '/nonexistent' };
}

/** A non-zero exit is data; TOOL_MISSING when there is no such program; CONNECTION_TIMEOUT after 10 s. */
export function runProgram(argv: readonly string[], stdin?: string): Promise<RunResult> {
  return runLocal(argv, { env: programEnvironment(), timeoutSeconds: 10, ...(stdin === undefined ? {} : { stdin }) });
}

/** Its standard output; CARE_DATAPLANE with its last words when it fails. */
export async function programOutput(argv: readonly string[], stdin?: string): Promise<string> {
  const result = await runProgram(argv, stdin);
  if (result.code === 0) return result.stdout;
  throw new Failure('CARE_DATAPLANE', `${argv.join(' ')} failed with status ${result.code}: ${lastWords(result)}`);
}

export function lastWords({ stdout, stderr }: RunResult): string {
  return (stderr.trim() || stdout.trim()).split('\n').slice(0, 3).join('; ') || 'it said nothing';
}

/** undefined when the program is not installed. */
export async function runIfInstalled(argv: readonly string[], stdin?: string): Promise<RunResult | undefined> {
  try {
    return await runProgram(argv, stdin);
  } catch (error) {
    if (error instanceof Failure && error.code === 'TOOL_MISSING') return undefined;
    throw error;
  }
}
