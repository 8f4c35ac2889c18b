/** A connection to a backend, with TLS where the check asks for it: the ground of a held session. */

import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Address } from '../address.ts';
import type { HealthCheck } from '../settings.ts';
import { inTime } from './in-time.ts';
import { type Outcome, outcomeOfError } from './outcome.ts';
import type { Trust } from './trust.ts';

export type Opened =
  | { readonly kind: 'open'; readonly socket: Socket; readonly protocol: 'h2' | 'http/1.1' }
  /** The stage at which it ended. */
  | { readonly kind: 'not'; readonly stage: 'connect' | 'handshake'; readonly outcome: Outcome };

export interface Patience {
  /** For the TCP connection alone, milliseconds. */
  readonly connectMs: number;
  /** For TLS on top of it. */
  readonly handshakeMs: number;
}

/** Nothing stays open when it fails. */
export async function openTransport(address: Address, check: HealthCheck, trust: Trust, patience: Patience): Promise<Opened> {
  const opened = await openConnection(address, patience.connectMs);
  if (opened.kind === 'not' || check.kind !== 'https') return opened;
  return await handshake(opened.socket, address, check.serverName, trust, patience.handshakeMs);
}

/** A fresh TCP connection. */
export async function openConnection(address: Address, timeoutMs: number): Promise<Opened> {
  const socket = connect({ host: address.ip, port: address.port, noDelay: true });
  const opened = await inTime<Opened>(
    timeoutMs,
    () => not('connect', { result: 'missed', detail: `no connection within ${timeoutMs} ms` }),
    (settle) => {
      socket.on('error', (error) => settle(not('connect', outcomeOfError(error, 'connect'))));
      socket.once('connect', () => settle({ kind: 'open', socket, protocol: 'http/1.1' }));
    },
  );
  if (opened.kind === 'not') socket.destroy();
  return opened;
}

async function handshake(raw: Socket, { ip }: Address, name: string | undefined, trust: Trust, timeoutMs: number): Promise<Opened> {
  const { verified, context: secureContext } = trust.now();
  const socket: TLSSocket = connectTls({
    socket: raw,
    host: ip,
    ...(name === undefined ? {} : { servername: name }),
    secureContext,
    ALPNProtocols: ['h2', 'http/1.1'],
    // Judged below, so that the reason can be told from a broken connection.
    rejectUnauthorized: false,
  });
  const opened = await inTime<Opened>(
    timeoutMs,
    () => not('handshake', { result: 'missed', detail: `no TLS handshake within ${timeoutMs} ms` }),
    (settle) => {
      socket.on('error', (error) => settle(not('handshake', outcomeOfError(error, 'TLS handshake'))));
      socket.once('close', () =>
        settle(not('handshake', { result: 'closed', detail: 'the connection was closed during the TLS handshake' })),
      );
      socket.once('secureConnect', () => {
        if (!verified || socket.authorized) {
          settle({ kind: 'open', socket, protocol: socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1' });
        } else settle(not('handshake', { result: 'untrusted', detail: distrust(socket.authorizationError, name ?? ip) }));
      });
    },
  );
  if (opened.kind === 'not') socket.destroy();
  return opened;
}

function distrust(reason: unknown, name: string): string {
  const text = reason instanceof Error ? reason.message : String(reason);
  if (text.includes('ALTNAME')) return `its certificate does not name ${name}`;
  if (/SELF_SIGNED|UNABLE_TO|ISSUER|SIGNATURE/.test(text)) return `its certificate is not of this CA (${text})`;
  return `its certificate is not valid: ${text}`;
}

function not(stage: 'connect' | 'handshake', outcome: Outcome): Opened {
  return { kind: 'not', stage, outcome };
}
