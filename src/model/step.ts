/** One change on one machine, with the check that says when it is already made. */

import type { Secret } from './secret.ts';

export type Action = FileAction | BlockAction | LinkAction | UploadAction | ServiceAction | CommandAction | WaitAction | RemoveAction;

/** A whole file. An existing one that trivet did not write is kept in the receipt's originals and comes back on reset. */
export interface FileAction {
  readonly kind: 'file';
  readonly path: string;
  readonly content: string | Secret;
  readonly mode: number;
  readonly owner: string;
  /** Unit that must restart when the file changes; remembered on the machine until it did. */
  readonly restarts?: string;
}

/** A marked block in a file that others write too, such as /etc/hosts. */
export interface BlockAction {
  readonly kind: 'block';
  readonly path: string;
  /** The block's name in its marker lines. */
  readonly name: string;
  readonly content: string;
}

export interface LinkAction {
  readonly kind: 'link';
  readonly path: string;
  readonly target: string;
}

/** A file from the operator's disk (the bundle), known by its SHA-256. */
export interface UploadAction {
  readonly kind: 'upload';
  readonly source: string;
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly mode: number;
  readonly restarts?: string;
}

export interface ServiceAction {
  readonly kind: 'service';
  readonly unit: string;
  readonly enabled: boolean;
  /** undefined: left as it is (kubeadm starts the kubelet). */
  readonly active: boolean | undefined;
  /** A changed file reaches a running unit by a reload, where the unit has one: keepalived keeps its addresses then. */
  readonly reloads?: true;
}

/** A command that changes something. It runs detached from the connection, under the machine's lock, its output in a log there. */
export interface CommandAction {
  readonly kind: 'command';
  readonly argv: readonly string[];
  readonly stdin?: string | Secret;
  /** Exits 0 when the command's work is already done. Asked again under the lock, right before the command. */
  readonly check: readonly string[];
  /** Packages that it installs, for the receipt: reset removes exactly these. */
  readonly installs?: readonly string[];
  readonly timeoutSeconds: number;
  /** What is likely wrong when it fails, and the next command to try. */
  readonly hint?: string;
}

/** Waits until argv exits 0. */
export interface WaitAction {
  readonly kind: 'wait';
  readonly argv: readonly string[];
  readonly everySeconds: number;
  readonly deadlineSeconds: number;
  readonly hint: string;
}

export interface RemoveAction {
  readonly kind: 'remove';
  readonly path: string;
}

export interface Step {
  /** Unique on its host, stable over runs: `first-master/kubeadm-init`. */
  readonly id: string;
  readonly host: string;
  /** What it brings about, for people: `write /etc/containerd/config.toml`. */
  readonly title: string;
  readonly action: Action;
}
