/** Admits a discovered member only after a TLS handshake that verifies against the cluster's CA: a list alone moves no traffic. */

import { connect } from 'node:tls';
import type { Address } from '../address.ts';

export interface VerifyOptions {
  /** PEM of the cluster's CA. */
  readonly ca: string;
  /** The name in the masters' certificates; undefined: their IP. */
  readonly serverName: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type Verification = { readonly kind: 'verified' } | { readonly kind: 'unverified'; readonly why: string };

/** Never throws. Nothing is asked and no name is shown: the handshake is enough. */
export async function verifyMember(member: Address, options: VerifyOptions): Promise<Verification> {
  try {
    await shakeHands(member, options);
    return { kind: 'verified' };
  } catch (error) {
    return { kind: 'unverified', why: error instanceof Error ? error.message : String(error) };
  }
}

function shakeHands({ ip, port }: Address, { ca, serverName, timeoutMs, signal }: VerifyOptions): Promise<void> {
  signal.throwIfAborted();
  const socket = connect({ host: ip, port, ca, ...(serverName === undefined ? {} : { servername: serverName }) });
  const stop = () => socket.destroy(new Error('stopped'));
  const late = setTimeout(() => socket.destroy(new Error(`no TLS handshake within ${timeoutMs} ms`)), timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  return new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    // Stays on: a socket that is destroyed may still report one more error.
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed before its TLS handshake')));
  }).finally(() => {
    clearTimeout(late);
    signal.removeEventListener('abort', stop);
    socket.destroy();
  });
}
