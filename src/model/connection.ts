/** The only door to a machine. Everything runs as root there, whoever the SSH user is. */

import type { Host } from './host.ts';
import type { Secret } from './secret.ts';

export interface RunResult {
  /** Exit status; 128+n after signal n. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Secret;
  /** The command is ended there and a Failure CONNECTION_TIMEOUT thrown. Default 60. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface FileMode {
  /** For example 0o644. */
  readonly mode: number;
  /** For example root:root. */
  readonly owner: string;
}

/** A long-lived command on a machine, such as the one that holds the lock. */
export interface Held {
  /** Its first line of output. */
  readonly firstLine: string;
  /** Settles when it ends, with its exit status. */
  readonly ended: Promise<number>;
  readonly release: () => Promise<void>;
}

export interface Connection {
  readonly host: Host;
  /** A non-zero exit is data. Failures (unreachable, host key, password, sudo, timeout) are thrown as Failure. */
  readonly run: (argv: readonly string[], options?: RunOptions) => Promise<RunResult>;
  /** Temporary file beside it, synced, then renamed over it. Parent directories are made. */
  readonly write: (path: string, content: string | Secret, mode: FileMode) => Promise<void>;
  /** undefined when there is no such file. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** Copies a local file; its SHA-256 is checked on the machine before it is renamed into place. */
  readonly upload: (
    source: string,
    path: string,
    options: FileMode & { readonly sha256: string; readonly signal?: AbortSignal },
  ) => Promise<void>;
  /** Starts argv and keeps it until release() or until this process ends, however it ends. */
  readonly hold: (argv: readonly string[]) => Promise<Held>;
  readonly close: () => Promise<void>;
}

/** Opens (or returns the already open) connection of a host. */
export type Connect = (host: Host, signal?: AbortSignal) => Promise<Connection>;
