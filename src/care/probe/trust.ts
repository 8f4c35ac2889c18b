/** Whom a backend must be: the CA file, read again when it changes, because it comes with the join and may be renewed. */

import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { CareLog } from '../log.ts';
import type { HealthCheck } from '../settings.ts';

export interface Trust {
  /** Not verified: the log says why, once. Throws nothing. */
  readonly now: () => { readonly verified: boolean; readonly context: SecureContext };
}

export function openTrust(check: HealthCheck, log: CareLog): Trust {
  let known: { readonly version: string; readonly context: SecureContext } | undefined;
  let said: string | undefined;
  // One context for all: by default Node parses its hundred and fifty root certificates for each.
  let trusting: SecureContext | undefined;
  const unverified = (why: string) => {
    if (said !== why) log('warn', `the backends' certificates are not verified: ${why}`);
    said = why;
    trusting ??= createSecureContext({ ca: [] });
    return { verified: false, context: trusting };
  };
  return {
    now: () => {
      if (check.kind !== 'https') return unverified('there are none');
      if (check.skipVerify) return unverified('this was asked for');
      if (check.caFile === undefined) return unverified('no CA file is named');
      try {
        const { mtimeMs, ino, size } = statSync(check.caFile);
        const version = `${mtimeMs} ${ino} ${size}`;
        if (known?.version !== version) known = { version, context: createSecureContext({ ca: readFileSync(check.caFile) }) };
        if (said !== undefined) log('info', `the backends' certificates are verified from now on: ${check.caFile}`);
        said = undefined;
        return { verified: true, context: known.context };
      } catch (error) {
        // A CA that was there once is not given up because its file is being replaced.
        if (known !== undefined) return { verified: true, context: known.context };
        return unverified(
          isMissing(error) ? `${check.caFile} does not exist yet` : `${check.caFile}: ${error instanceof Error ? error.message : ''}`,
        );
      }
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
