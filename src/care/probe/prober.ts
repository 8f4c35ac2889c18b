/** Looks at one backend: on the session that it keeps open with it, or by a new connection beside it. */

import type { Address } from '../address.ts';
import type { Look, LookKind } from '../health/look.ts';
import type { HealthCheck, Pace } from '../settings.ts';
import { openHttp1Session } from './http1-session.ts';
import { openHttp2Session } from './http2-session.ts';
import type { Outcome } from './outcome.ts';
import type { OwnClock } from './own-clock.ts';
import type { Session, SessionEnd } from './session.ts';
import { openConnection, openTransport } from './transport.ts';
import type { Trust } from './trust.ts';

export interface Prober {
  /**
   * Never throws; looks may overlap. What cannot be done as asked becomes the nearest thing, and the look's kind says what it was:
   * a ping or check without a session is fresh, fresh over HTTP/1.1 is a check of the kept connection while that is idle,
   * and where not even a TCP connection was made it was a connect. `returns`: a whole question is that of a backend that comes back.
   */
  readonly look: (kind: LookKind, returns?: boolean) => Promise<Look>;
  /** The held session ended. `closed`: broken by the other side. `leaving`: ended in order; look at it again soon. */
  readonly onClosed: (callback: (event: ClosedEvent) => void) => void;
  /** A session is held that can be PINGed. */
  readonly held: boolean;
  readonly close: () => void;
}

export type ClosedEvent = { readonly kind: 'closed'; readonly look: Look } | { readonly kind: 'leaving' };

export interface ProberDeps {
  readonly clock: OwnClock;
  readonly trust: Trust;
}

type HttpCheck = Exclude<HealthCheck, { kind: 'tcp' }>;

interface Seen extends Outcome {
  readonly kind: LookKind;
}

/** Opens nothing yet. */
export function openProber(address: Address, check: HealthCheck, pace: Pace, { clock, trust }: ProberDeps): Prober {
  let held: Session | undefined;
  let closed = false;
  let callback: (event: ClosedEvent) => void = () => undefined;

  const lookOf = (startedMs: number, { kind, result, detail, ownFault }: Seen): Look => {
    // Out of descriptors is as good as standing still.
    const ownDelayMs = ownFault === true ? Number.MAX_SAFE_INTEGER : clock.delaySince(startedMs);
    return { kind, result, startedMs, endedMs: clock.now(), ownDelayMs, detail };
  };
  const connectOnly = async (kind: LookKind): Promise<Seen> => {
    const startedMs = clock.now();
    const opened = await openConnection(address, pace.timeoutMs);
    if (opened.kind === 'not') return { kind: 'connect', ...opened.outcome };
    // RST: no connections in TIME_WAIT after a hundred thousand looks.
    opened.socket.resetAndDestroy();
    return { kind, result: 'ok', detail: `connected in ${Math.round(clock.now() - startedMs)} ms` };
  };
  /** The new session is held from now on, unless the one that is held is well. */
  const keep = (session: Session): void => {
    const silentMs = clock.now() - (held?.silentSinceMs() ?? clock.now());
    if (closed || (held?.isOpen() === true && silentMs <= pace.timeoutMs)) {
      if (session !== held) session.close();
      return;
    }
    held?.close();
    held = session;
  };
  const askFresh = async (http: HttpCheck, path: string): Promise<Seen> => {
    const startedMs = clock.now();
    const opened = await openTransport(address, http, trust, { connectMs: pace.timeoutMs, handshakeMs: pace.checkTimeoutMs });
    if (opened.kind === 'not') return { kind: opened.stage === 'connect' ? 'connect' : 'fresh', ...opened.outcome };
    const onEnd = (end: SessionEnd): void => {
      if (closed || session !== held) return;
      if (end.kind === 'leaving') callback(end);
      else callback({ kind: 'closed', look: lookOf(clock.now(), { kind: 'ping', result: 'closed', detail: end.detail }) });
    };
    const input = { address, check: http, pace, now: clock.now, onEnd };
    const session = opened.protocol === 'h2' ? openHttp2Session(opened.socket, input) : openHttp1Session(opened.socket, input);
    const outcome = await session.get(Math.max(1, pace.checkTimeoutMs - (clock.now() - startedMs)), path);
    if (session.isOpen() && (outcome.result === 'ok' || outcome.result === 'draining')) keep(session);
    else session.close();
    return { kind: 'fresh', ...outcome };
  };
  const ask = async (kind: LookKind, returns: boolean): Promise<Seen> => {
    if (kind === 'connect' || check.kind === 'tcp') return await connectOnly(kind);
    const path = (returns ? check.pathOfReturn : undefined) ?? check.path;
    if (held === undefined || !held.isOpen()) return await askFresh(check, path);
    if (kind === 'ping' && held.ping !== undefined) return { kind, ...(await held.ping()) };
    const canAsk = !held.isBusy() && (kind !== 'fresh' || held.ping === undefined);
    return canAsk ? { kind: 'check', ...(await held.get(pace.checkTimeoutMs, path)) } : await askFresh(check, path);
  };
  return {
    look: async (kind, returns = false) => {
      const startedMs = clock.now();
      return lookOf(startedMs, await ask(kind, returns));
    },
    onClosed: (next) => {
      callback = next;
    },
    get held() {
      return held?.ping !== undefined && held.isOpen();
    },
    close: () => {
      closed = true;
      held?.close();
      held = undefined;
    },
  };
}
