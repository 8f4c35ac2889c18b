/** A fact: one read-only command on a machine and the pure parser of what it printed. */

import type { RunResult } from './connection.ts';
import type { Host } from './host.ts';
import type { Secret } from './secret.ts';

export interface Fact<T> {
  /** Unique with its arguments: the same name on the same host is read once a phase. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly stdin?: string | Secret;
  /** Default 30. */
  readonly timeoutSeconds?: number;
  /** Never throws for what a machine may answer: a non-zero exit is data. A Failure only if nothing can be made of it. */
  readonly parse: (result: RunResult) => T;
  /** Present when the command makes something (a join token): a dry run takes this value instead of running it. */
  readonly instead?: T;
  /** True: what it prints goes into no log and no event. */
  readonly secret?: boolean;
}

/** Reads a fact of a host. Phases ask for what they need, when they know that they need it. */
export type ReadFact = <T>(host: Host, fact: Fact<T>) => Promise<T>;
