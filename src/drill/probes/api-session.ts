/** One HTTP/2 connection to the API, kept and given up as client-go does it. */

import { type ClientHttp2Session, connect } from 'node:http2';
import type { ApiDialer } from './api-dialer.ts';
import { monotonicMs } from './monotonic.ts';

/** HTTP2_READ_IDLE_TIMEOUT_SECONDS and HTTP2_PING_TIMEOUT_SECONDS of client-go, in milliseconds. */
export interface Patience {
  /** After so long without a word the connection is pinged. */
  readonly idleMs: number;
  /** After so long without an answer to that it is closed. */
  readonly pingMs: number;
}

/** What client-go does when nobody tells it otherwise. */
export const clientGoDefault: Patience = { idleMs: 30_000, pingMs: 15_000 };

export interface ApiSession {
  readonly session: ClientHttp2Session;
  /** Address of the apiserver at the other end, by its certificate: balancers pass TLS on as it is. */
  readonly peer: string;
  /** Something was heard. */
  readonly heard: () => void;
  /** Why it ended: a code, or «silent». */
  readonly ended: Promise<string>;
  readonly close: () => void;
}

const lookMs = 50;

/** Rejects when there is no connection within the time. */
export async function openSession(api: ApiDialer, timeoutMs: number, patience: Patience): Promise<ApiSession> {
  const socket = await api.dial('h2', timeoutMs);
  const session = connect('https://apiserver', { createConnection: () => socket });
  let heardMs = monotonicMs();
  let pingedMs: number | undefined;
  let reason = 'closed';
  const heard = () => {
    heardMs = monotonicMs();
    pingedMs = undefined;
  };
  // A session that was closed in good order (a GOAWAY, then its last answer) would wait for the other end, which may be gone.
  const giveUp = () => {
    session.destroy();
    socket.destroy();
  };
  const timer = setInterval(() => {
    if (session.destroyed) return giveUp();
    const nowMs = monotonicMs();
    if (pingedMs !== undefined) {
      if (nowMs - pingedMs < patience.pingMs) return;
      reason = 'silent';
      giveUp();
    } else if (nowMs - heardMs >= patience.idleMs) {
      pingedMs = nowMs;
      session.ping((error) => {
        if (error === null) heard();
      });
    }
  }, lookMs);
  session.on('error', (error: NodeJS.ErrnoException) => {
    reason = error.code ?? error.message;
  });
  session.once('goaway', () => {
    reason = 'goaway';
  });
  const ended = new Promise<string>((resolve) => {
    session.once('close', () => {
      clearInterval(timer);
      resolve(reason);
    });
  });
  return {
    session,
    peer: advertisedAddress(socket.getPeerCertificate().subjectaltname ?? ''),
    heard,
    ended,
    close: giveUp,
  };
}

/**
 * Of an apiserver's alternative names: kubeadm puts first the API's address inside the cluster, then the one that this apiserver
 * advertises, then what all of them have in common. Names are of no use: every master's stand in each certificate.
 */
export function advertisedAddress(alternativeNames: string): string {
  const [inside, advertised] = [...alternativeNames.matchAll(/IP Address:([0-9a-fA-F.:]+)/g)].map(([, address]) => address);
  return advertised ?? inside ?? '?';
}
