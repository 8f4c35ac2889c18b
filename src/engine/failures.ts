/** Turns what was thrown into Failures, and many of them into one that a person can read. */

import { Failure } from '../model/failure.ts';

/** An abort is the operator's; anything that is no Failure is a defect. */
export function asFailure(error: unknown, signal: AbortSignal, host: string): Failure {
  if (error instanceof Failure && !signal.aborted) {
    if (error.host !== undefined) return error;
    return rebuilt(error, { host });
  }
  if (signal.aborted) {
    if (signal.reason instanceof Failure) return signal.reason;
    return new Failure('INTERRUPTED', 'stopped before the end', {
      remedy: 'Run the same command again: it goes on from here.',
      cause: error,
    });
  }
  return new Failure('INTERNAL', error instanceof Error ? error.message : String(error), { host, cause: error });
}

/** The first failure, with the others among its findings. */
export function together(failures: readonly Error[]): Error | undefined {
  const [first, ...others] = failures;
  if (!(first instanceof Failure) || first.code === 'INTERRUPTED' || others.length === 0) return first;
  const also = others.map((other) => {
    const host = other instanceof Failure && other.host !== undefined ? `${other.host}: ` : '';
    const log = other instanceof Failure && other.log !== undefined ? ` (log: ${other.log})` : '';
    return `also failed: ${host}${other.message}${log}`;
  });
  return rebuilt(first, { findings: [...first.findings, ...also] });
}

function rebuilt(failure: Failure, change: { readonly host?: string; readonly findings?: readonly string[] }): Failure {
  const { remedy, host, findings, log, cause } = failure;
  return new Failure(failure.code, failure.message, {
    findings,
    ...(remedy === undefined ? {} : { remedy }),
    ...(host === undefined ? {} : { host }),
    ...(log === undefined ? {} : { log }),
    ...(cause === undefined ? {} : { cause }),
    ...change,
  });
}
