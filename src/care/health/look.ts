/** What one look at one backend showed: the only thing that the health of a backend is made from. */

/**
 * ping: on the held session. check: the whole question, on the held session where there is one. connect: a fresh TCP connection and
 * nothing more. fresh: the whole question on a new connection beside the held one, and the second signal against a frozen process.
 *
 * What the prober owes: a fresh (or check) whose very TCP connection fails or is not there within timeoutMs ends then, and its look is of
 * kind connect. A tcp check that is accepted is a look of the kind that was asked for: there the connection is the whole question. A
 * fresh that is answered replaces a held session that is silent.
 */
export type LookKind = 'ping' | 'check' | 'connect' | 'fresh';

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
