/** A connection to whichever backend answers first: when the first does not within a moment, a second is asked too. */

import { connect, type Socket } from 'node:net';
import type { Address } from '../../address.ts';

export interface Connected {
  readonly backend: Address;
  readonly socket: Socket;
}

export interface HedgeOptions {
  /** After which the next backend is asked as well. Default 100. */
  readonly hedgeMs?: number;
  /** After which it is given up. Default 5000. */
  readonly limitMs?: number;
  /** Aborted: all attempts end. */
  readonly signal: AbortSignal;
}

/** Bytes that a socket holds before it lets the other side wait. */
export const bufferBytes = 1024 * 1024;

/** Tries the backends in this order, the next one at once when one refuses. undefined: none took the connection. The losers are destroyed. */
export function hedgedConnect(
  backends: readonly Address[],
  { hedgeMs = 100, limitMs = 5000, signal }: HedgeOptions,
): Promise<Connected | undefined> {
  return new Promise((resolve) => {
    const pending = new Set<Socket>();
    let next = 0;
    let hedge: NodeJS.Timeout | undefined;

    const finish = (winner: Connected | undefined) => {
      clearTimeout(hedge);
      clearTimeout(limit);
      signal.removeEventListener('abort', giveUp);
      for (const socket of pending) if (socket !== winner?.socket) socket.destroy();
      pending.clear();
      resolve(winner);
    };
    const giveUp = () => finish(undefined);
    const limit = setTimeout(giveUp, limitMs);
    signal.addEventListener('abort', giveUp, { once: true });

    const ask = () => {
      clearTimeout(hedge);
      const backend = backends[next];
      next += 1;
      if (backend === undefined) {
        if (pending.size === 0) finish(undefined);
        return;
      }
      const { ip, port } = backend;
      const socketOptions = { host: ip, port, allowHalfOpen: true, noDelay: true, highWaterMark: bufferBytes };
      const socket = connect(socketOptions);
      pending.add(socket);
      const failed = () => {
        if (pending.delete(socket)) ask();
      };
      socket.once('error', failed).once('connect', () => {
        socket.off('error', failed);
        finish({ backend, socket });
      });
      hedge = setTimeout(ask, hedgeMs);
    };
    ask();
  });
}
