/** What is known of one backend. A value: observe() makes the next one. */

import type { LookKind } from './look.ts';

/** UP: takes connections. SUSPECT: no new ones, nothing is cut. DRAIN: it asked for that. DOWN: its connections are cut. */
export type BackendState = 'UP' | 'SUSPECT' | 'DRAIN' | 'DOWN';

export interface BackendHealth {
  readonly state: BackendState;
  /** Monotonic milliseconds since which it has been in this state. */
  readonly sinceMs: number;
  /** The reason of the last change, for people: `refused a connection`, `3 looks missed and no fresh connection within 150 ms`. */
  readonly why: string;
  /** Nothing was ever heard from it: the first good look is enough then. */
  readonly unheard: boolean;
  /** What kind of trouble it has; decides what becomes of a pool in which nobody is UP. none: it is well, or was never heard. */
  readonly trouble: 'none' | 'soft' | 'untrusted' | 'hard';
  /** Misses in a row since the process last answered anything; 0: it is not silent. */
  readonly misses: number;
  /** Of them: fresh connections that were not made. */
  readonly failedConnects: number;
  /** Its kernel accepted the last fresh connection that ended: the machine lives, whatever became of the process. */
  readonly accepts: boolean;
  /** Of them: whole questions that got no answer on a new connection that was made. */
  readonly freshMisses: number;
  /** What became of the last whole question. */
  readonly asked: 'ok' | 'draining' | 'untrusted' | 'unanswered' | 'never';
  /** It was DOWN or DRAIN since it was last UP: one good answer is not enough. */
  readonly mustRise: boolean;
  /** When the newest look began that the process answered at all, the newest that was a whole answer and well, and the newest accepted connect. */
  readonly aliveBegunMs: number;
  readonly goodBegunMs: number;
  readonly acceptedBegunMs: number;
  /** Good looks in a row since the last bad one, counted from the first good whole answer. */
  readonly rises: number;
  /** When it last went DOWN, newest last, only those within the flap window. */
  readonly downsMs: readonly number[];
  /** Not UP before this time: it has been flapping. */
  readonly heldUntilMs: number;
  /** The last hold, to be doubled by the next one; 0: none lately. */
  readonly holdMs: number;
  /** The last time that it went DOWN it was for silence alone: connections were made, and nothing was answered. */
  readonly fellSilent: boolean;
  /** Until patientUntilMs silence must last so long before it makes DOWN: it has been slow. */
  readonly patienceMs: number;
  readonly patientUntilMs: number;
}

/** The next look that a backend in this state wants, and in how many milliseconds. */
export interface NextLook {
  readonly kind: LookKind;
  readonly afterMs: number;
}
