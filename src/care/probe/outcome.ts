/** What an answer, or an error in its place, says about a backend. */

import type { LookResult } from '../health/look.ts';
import type { HealthCheck } from '../settings.ts';

export interface Outcome {
  readonly result: LookResult;
  /** For people. */
  readonly detail: string;
  /** The backend is not to blame: this machine lacks something (descriptors, ports), or nobody waits for the answer any more. */
  readonly ownFault?: true;
}

/** 401 and 403 are an answer from somebody who serves and wants a name. */
export function outcomeOfStatus(status: number, check: HealthCheck, ms: number): Outcome {
  const wanted = check.kind === 'tcp' ? undefined : check.statuses;
  const serves = wanted === undefined ? status < 400 || status === 401 || status === 403 : wanted.includes(status);
  return { result: serves ? 'ok' : 'draining', detail: `${status} in ${Math.round(ms)} ms` };
}

/** `what`: connect, TLS handshake, GET. */
export function outcomeOfError(error: unknown, what: string): Outcome {
  const code = errorCode(error);
  const detail = `${what}: ${code ?? (error instanceof Error ? error.message : String(error))}`;
  if (code === 'ECONNREFUSED') return { result: 'refused', detail: 'refused a connection' };
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EHOSTDOWN') return { result: 'unreachable', detail };
  if (code !== undefined && ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL'].includes(code)) {
    return { result: 'missed', detail, ownFault: true };
  }
  if (code === 'EPROTO' || code?.startsWith('ERR_SSL') || code?.startsWith('ERR_TLS')) {
    return { result: 'untrusted', detail: `no TLS as it should be: ${error instanceof Error ? error.message.trim() : code}` };
  }
  if (code === 'ETIMEDOUT' || code === 'EPERM' || code === 'EACCES') return { result: 'missed', detail };
  return { result: 'closed', detail };
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
