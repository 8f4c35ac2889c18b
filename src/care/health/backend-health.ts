/** What is known of one backend. A value: observe() makes the next one. */

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
  /** What kind of trouble it last had; decides what becomes of a pool in which nobody is UP. none: it is well. */
  readonly trouble: 'none' | 'soft' | 'hard';
  /** Misses in a row, and how many of them were fresh connects. */
  readonly misses: number;
  readonly failedConnects: number;
  /** Good looks in a row since the last bad one. */
  readonly rises: number;
  /** When it last went DOWN, newest last, only those within the flap window. */
  readonly downsMs: readonly number[];
  /** Not UP before this time: it has been flapping. */
  readonly heldUntilMs: number;
  /** The last hold, to be doubled by the next one; 0: none lately. */
  readonly holdMs: number;
}

/** The next look that a backend in this state wants. */
export interface NextLook {
  readonly kind: 'ping' | 'check' | 'connect';
  readonly afterMs: number;
}
