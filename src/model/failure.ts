/** The one error class: what happened, where, the likely cause, the next command. */

import type { FailureCode } from './failure-codes.ts';

export interface FailureDetails {
  /** The next thing to do, as a sentence or a command. */
  readonly remedy?: string;
  readonly host?: string;
  readonly cause?: unknown;
  /** Further findings, one a line: preflight and the cluster file report all at once. */
  readonly findings?: readonly string[];
  /** Where more is written, on this or that machine. */
  readonly log?: string;
}

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  readonly remedy: string | undefined;
  readonly host: string | undefined;
  readonly findings: readonly string[];
  readonly log: string | undefined;

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.remedy = details.remedy;
    this.host = details.host;
    this.findings = details.findings ?? [];
    this.log = details.log;
  }
}
