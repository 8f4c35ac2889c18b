/** What one look at one backend showed: the only thing that the health of a backend is made from. */

/** ping: on the held session. check: the whole question. connect: a fresh TCP connection and nothing more. */
export type LookKind = 'ping' | 'check' | 'connect';

export type LookResult =
  /** Answered well. Of a check: 401 and 403 too. */
  | 'ok'
  /** It answers and says that it does not serve (5xx, or a status that was not asked for): take it out gently. */
  | 'draining'
  /** No answer in time. */
  | 'missed'
  /** RST at connect: nobody listens there. */
  | 'refused'
  /** The held session was ended by the other side: something happened there; a fresh connect tells what. */
  | 'closed'
  /** The network says that there is no way (EHOSTUNREACH, ENETUNREACH). */
  | 'unreachable'
  /** It answers, and its certificate is not what it should be. */
  | 'untrusted';

export interface Look {
  readonly kind: LookKind;
  readonly result: LookResult;
  /** Monotonic milliseconds at which it began and ended. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** By how much this process's own timers were late meanwhile. */
  readonly ownDelayMs: number;
  /** For people: `503 in 4 ms`, `no PING within 150 ms`. */
  readonly detail: string;
}
