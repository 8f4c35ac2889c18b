/** A session with a backend that is kept open, so that its end is noticed at once: one interface for HTTP/2 and HTTP/1.1. */

import type { Address } from '../address.ts';
import type { HealthCheck, Pace } from '../settings.ts';
import type { Outcome } from './outcome.ts';

export interface Session {
  /** undefined: HTTP/1.1 has none. */
  readonly ping: (() => Promise<Outcome>) | undefined;
  /** The whole question. */
  readonly get: (timeoutMs: number, path: string) => Promise<Outcome>;
  /** false once it has ended, or takes no more questions. */
  readonly isOpen: () => boolean;
  /** HTTP/1.1: another question would queue behind one that is not answered yet. */
  readonly isBusy: () => boolean;
  /** When the oldest question was asked since which nothing was heard, monotonic milliseconds; undefined: all are answered. */
  readonly silentSinceMs: () => number | undefined;
  /** Whoever still waits gets a miss. */
  readonly close: () => void;
}

export interface SessionInput {
  readonly address: Address;
  readonly check: Exclude<HealthCheck, { kind: 'tcp' }>;
  readonly pace: Pace;
  readonly now: () => number;
  readonly onEnd: (end: SessionEnd) => void;
}

/** Told once at most, not for what close() does, and not where a question's own outcome tells it. */
export type SessionEnd =
  /** It broke while nobody waited for an answer. */
  | { readonly kind: 'broken'; readonly detail: string }
  /** The other side ended it in order: GOAWAY, or an idle HTTP/1.1 connection that is closed. */
  | { readonly kind: 'leaving' };

/** Of a question whose session was replaced before the answer came. */
export const givenUp: Outcome = { result: 'missed', detail: 'no answer before another session took its place', ownFault: true };
