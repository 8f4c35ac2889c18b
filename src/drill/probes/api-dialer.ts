/** Connects to the API as a client that knows several addresses: kubectl with a context per master, or trivet itself. */

import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { monotonicMs } from './monotonic.ts';

export interface ApiEndpoint {
  readonly address: string;
  readonly port: number;
}

/** The API as the probes reach it. PEM texts; without a certificate the client is anonymous. */
export interface ApiTarget {
  /** One after another is tried, beginning with the one that last took a connection. */
  readonly endpoints: readonly ApiEndpoint[];
  /** Name that the server's certificate must carry; undefined: the address. */
  readonly serverName?: string;
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  /**
   * Each connection is new, and its handshake is by the ticket of an earlier one where the server takes it: half the cost on both
   * sides. Another apiserver does not know the ticket, and the whole handshake follows within the same attempt.
   */
  readonly resume?: boolean;
}

export interface ApiDialer {
  /** A TLS connection, made within so long; the last endpoint's error when there is none. */
  readonly dial: (protocol: 'http/1.1' | 'h2', timeoutMs: number) => Promise<TLSSocket>;
  /** Whoever took this connection answered nothing, or that it does not serve: the next dial begins with the one after it. */
  readonly distrust: (socket: TLSSocket) => void;
}

/** With several endpoints each gets so long, so that a dead one does not use up the whole time. */
const triedMs = 300;

/** Opens nothing yet. The certificates are parsed once: that costs more than a handshake. */
export function apiDialer(target: ApiTarget): ApiDialer {
  const { endpoints, serverName, ca, cert, key, resume } = target;
  /** By endpoint and protocol. */
  const tickets = new Map<string, Buffer>();
  const secureContext = createSecureContext({
    ca,
    // Not the hybrid with ML-KEM that OpenSSL offers by itself: it is a seventh of what a connection costs (3.7 against 4.3 % of a core, 20/s).
    ecdhCurve: 'X25519:P-256',
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
  let preferred = 0;
  const dialled = new WeakMap<TLSSocket, number>();

  async function dial(protocol: 'http/1.1' | 'h2', timeoutMs: number): Promise<TLSSocket> {
    const endMs = monotonicMs() + timeoutMs;
    const first = preferred;
    let last: unknown;
    for (let tried = 0; tried < endpoints.length; tried++) {
      const index = (first + tried) % endpoints.length;
      const endpoint = endpoints[index];
      const leftMs = endMs - monotonicMs();
      if (endpoint === undefined || leftMs <= 0) break;
      try {
        const socket = await handshake(endpoint, protocol, endpoints.length === 1 ? leftMs : Math.min(leftMs, triedMs));
        // Meanwhile another one may have found out more.
        if (preferred === first) preferred = index;
        dialled.set(socket, index);
        return socket;
      } catch (error) {
        last = error;
      }
    }
    throw last ?? new Error(`no connection within ${timeoutMs} ms`);
  }

  function handshake({ address, port }: ApiEndpoint, protocol: string, timeoutMs: number): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const of = `${address} ${port} ${protocol}`;
      const session = resume ? tickets.get(of) : undefined;
      const options = { host: address, port, secureContext, servername: serverName ?? '', ALPNProtocols: [protocol] };
      const socket = connect(session === undefined ? options : { ...options, session });
      if (resume) socket.on('session', (ticket) => tickets.set(of, ticket));
      const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs.toFixed(0)} ms`)), timeoutMs);
      socket.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      socket.once('secureConnect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve(socket);
      });
    });
  }

  return {
    dial,
    distrust(socket) {
      // Of several that waited for the same one only the first goes on, so that none is left out.
      if (preferred === dialled.get(socket)) preferred = (preferred + 1) % endpoints.length;
    },
  };
}
