/** What everything that makes a part of a bundle is given, and how it runs a program. */

import { type LocalOptions, runLocal } from '../local/run-local.ts';
import type { Emit } from '../model/event.ts';
import { Failure } from '../model/failure.ts';

export interface Maker {
  /** Where finished parts are kept. */
  readonly parts: string;
  readonly log: string;
  readonly emit: Emit;
  readonly signal: AbortSignal | undefined;
}

/** Standard output; BUNDLE_BUILD with the program's last line when it fails, its whole output being in the log. */
export async function make(maker: Maker, argv: readonly string[], options: LocalOptions & { readonly remedy: string }): Promise<string> {
  const { remedy, ...rest } = options;
  const result = await runLocal(argv, { logFile: maker.log, ...(maker.signal && { signal: maker.signal }), ...rest });
  if (result.code === 0) return result.stdout;
  const findings = result.stderr.trim().split('\n').slice(-5);
  throw new Failure('BUNDLE_BUILD', `${argv.slice(0, 2).join(' ')} failed (exit ${result.code}): ${findings.at(-1) ?? ''}`, {
    remedy,
    findings,
    log: maker.log,
  });
}
