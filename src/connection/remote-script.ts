/** What is sent to a machine's login shell, and how its answer is told apart from OpenSSH's own messages. */

import type { RunResult } from '../model/connection.ts';
import { quote } from '../model/quote.ts';
import type { Secret } from '../model/secret.ts';

/** How the SSH user becomes root. */
export type RootAccess =
  | { readonly kind: 'root' }
  | { readonly kind: 'sudo' }
  | { readonly kind: 'sudo-with-password'; readonly password: Secret };

export interface RemoteScript {
  /** Random word of this process: what stands between its marks came from the script, whatever else was printed. */
  readonly token: string;
  readonly root: RootAccess['kind'];
  /** POSIX shell; quoted argv is one. */
  readonly script: string;
  /** The machine itself ends the command after that long, even if nobody is connected any more; 0: never. */
  readonly timeoutSeconds: number;
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * One command line that runs the script as root. `timeout` makes a process group of its own, which is what can be ended as a
 * whole; its id goes out with the start mark. Exit 255 of ssh is ambiguous, so the exit status comes as a mark as well.
 */
export function remoteCommand({ token, root, script, timeoutSeconds }: RemoteScript): string {
  const lines = [
    // sudo takes the password's line only when it needs it; what it left must not reach the command.
    ...(root === 'sudo-with-password' ? [`while IFS= read -r line; do [ "$line" = ${stdinMark(token)} ] && break; done`] : []),
    `LC_ALL=C PATH=${path}; export LC_ALL PATH; umask 022; cd /`,
    `printf %s "${token}-start;"`,
    `printf %s "${token}-start-$PPID;" >&2`,
    `(${script}\n)`,
    exitMark(token),
  ];
  const shell = ['timeout', '-k', '5', String(timeoutSeconds), '/bin/sh', '-c', lines.join('\n')];
  return `exec ${quote([...sudo(root), ...shell])}`;
}

/** The line that ends what is meant for sudo on standard input. */
export function stdinMark(token: string): string {
  return `${token}-stdin`;
}

/**
 * The script of a held command: its standard input is what comes from here, and five seconds after that ends (this process is
 * gone) so does the command, even if it never reads.
 */
export function heldScript(token: string, argv: readonly string[]): string {
  const endAll = 'kill -s TERM -- "-$PPID"';
  // Closing its output is what passes the end of input on.
  return `{ cat; exec >&-; sleep 5; ${endAll}; } 2>/dev/null | { (${quote(argv)}); ${exitMark(token)}; ${endAll}; }`;
}

/** Ends a process group: TERM, and KILL two seconds later to what is left. */
export function endGroupScript(group: number): string {
  const each = `i=0; while kill -s 0 -- -${group} && [ $i -lt 20 ]; do sleep 0.1; i=$((i+1)); done`;
  return `{ kill -s TERM -- -${group}; ${each}; kill -s KILL -- -${group}; } 2>/dev/null; true`;
}

export type Outcome =
  | { readonly kind: 'finished'; readonly result: RunResult }
  /** ssh did not get as far as asking the machine to run it. */
  | { readonly kind: 'unsent'; readonly stderr: string }
  /** It was sent, and the script did not begin: sudo refused, or the connection broke. */
  | { readonly kind: 'not-started'; readonly code: number; readonly stderr: string }
  /** It began, and nobody knows how it ended. */
  | { readonly kind: 'cut-off'; readonly code: number; readonly stderr: string };

/** What ssh's ProxyCommand prints when a session does not go through the open connection: nothing has been sent then. */
export function unsentMark(token: string): string {
  return `${token}-unsent;`;
}

/** The process group of a script that has begun; undefined before. */
export function startedGroup(token: string, stderr: string): number | undefined {
  const digits = new RegExp(`${token}-start-(\\d+);`).exec(stderr)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Reads what a session left. code is ssh's own exit status. */
export function readOutcome(token: string, code: number, stdout: string, stderr: string): Outcome {
  if (stderr.includes(unsentMark(token))) return { kind: 'unsent', stderr };
  const start = new RegExp(`${token}-start-\\d+;`).exec(stderr);
  if (start === null) return { kind: 'not-started', code, stderr };
  const body = stderr.slice(start.index + start[0].length);
  const exit = new RegExp(`${token}-exit-(\\d+);`).exec(body);
  if (exit === null) return { kind: 'cut-off', code, stderr: body };
  return { kind: 'finished', result: { code: Number(exit[1]), stdout: afterStart(token, stdout), stderr: body.slice(0, exit.index) } };
}

/** Standard output without what the user's shell start-up files printed before the script. */
export function afterStart(token: string, stdout: string): string {
  const mark = `${token}-start;`;
  const at = stdout.indexOf(mark);
  return at === -1 ? '' : stdout.slice(at + mark.length);
}

/** Present in standard error once the script has ended; processes that it left behind may keep the session open. */
export function hasExitMark(token: string, stderr: string): boolean {
  return new RegExp(`${token}-exit-\\d+;`).test(stderr);
}

function exitMark(token: string): string {
  return `printf %s "${token}-exit-$?;" >&2`;
}

function sudo(root: RootAccess['kind']): readonly string[] {
  switch (root) {
    case 'root':
      return [];
    case 'sudo':
      return ['env', 'LC_ALL=C', 'sudo', '-k', '-n', '--'];
    case 'sudo-with-password':
      return ['env', 'LC_ALL=C', 'sudo', '-k', '-S', '-p', '', '--'];
  }
}
