/** One script on a machine over an open connection: a mux client of OpenSSH, watched until its exit mark. */

import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { RootAccess } from './remote-script.ts';
import {
  afterStart,
  endGroupScript,
  hasExitMark,
  type Outcome,
  readOutcome,
  remoteCommand,
  startedGroup,
  stdinMark,
} from './remote-script.ts';
import { type SshProcess, spawnSsh, sshEnd } from './spawn-ssh.ts';
import { sessionArgv } from './ssh-argv.ts';

/** An open connection: the socket of its ssh and how to become root behind it. */
export interface Link {
  readonly socket: string;
  readonly token: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface SessionInput {
  readonly link: Link;
  readonly root: RootAccess;
  readonly script: string;
  readonly timeoutSeconds: number;
  /** Writes the script's standard input and ends it; left out: it is empty. */
  readonly feed?: (stdin: Writable) => void;
}

export interface Session {
  /** true once the script has begun; false when it ended before that. */
  readonly started: Promise<boolean>;
  /** The first line of standard output; undefined when it ended without one. */
  readonly firstLine: Promise<string | undefined>;
  readonly outcome: Promise<Outcome>;
  readonly stdin: Writable;
  /** Ends the command with all it started on the machine, then this side. */
  readonly end: () => Promise<void>;
}

/** What a process left behind by the script may go on writing is waited for this long. */
const graceMs = 1000;
/** How long a sent script may take to say that it has begun, when it is to be ended. */
const beginMs = 2000;

export function startSession({ link, root, script, timeoutSeconds, feed }: SessionInput): Session {
  const { token } = link;
  const remote = remoteCommand({ token, root: root.kind, script, timeoutSeconds });
  const child = spawnSsh({ argv: sessionArgv(link.socket, token, remote), environment: link.environment });
  const seen = collect(child, token);
  if (root.kind === 'sudo-with-password') child.stdin.write(`${root.password.reveal()}\n${stdinMark(token)}\n`);
  if (feed === undefined) child.stdin.end();
  else feed(child.stdin);
  const outcome = sshEnd(child).then((code) => readOutcome(token, code, text(seen.stdout), text(seen.stderr)));
  const quiet = outcome.catch(() => undefined);
  return {
    started: Promise.race([seen.started.then(() => true), outcome.then(({ kind }) => kind === 'finished' || kind === 'cut-off')]),
    firstLine: Promise.race([seen.firstLine, quiet.then(() => undefined)]),
    outcome,
    stdin: child.stdin,
    end: async () => {
      // What was sent a moment ago may just be about to begin.
      await Promise.race([seen.started, quiet, delay(beginMs, undefined, { ref: false })]);
      const group = startedGroup(token, text(seen.stderr));
      if (group !== undefined) await endGroup({ link, root, group });
      hangUp(child);
      await quiet;
    },
  };
}

/** The ssh that keeps the connection holds the pipes too: only closing our ends makes an end of it. */
function hangUp(child: SshProcess): void {
  child.kill('SIGTERM');
  child.stdin.destroy();
  child.stdout.destroy();
  child.stderr.destroy();
}

interface Seen {
  readonly stdout: Buffer[];
  readonly stderr: Buffer[];
  readonly started: Promise<void>;
  readonly firstLine: Promise<string>;
}

function collect(child: SshProcess, token: string): Seen {
  const started = Promise.withResolvers<void>();
  const firstLine = Promise.withResolvers<string>();
  const seen = { stdout: [] as Buffer[], stderr: [] as Buffer[], started: started.promise, firstLine: firstLine.promise };
  let hasStarted = false;
  let hasLine = false;
  let tail = '';
  let grace: NodeJS.Timeout | undefined;
  const finish = () => {
    if (!hasExitMark(token, tail)) return;
    clearTimeout(grace);
    grace = setTimeout(() => hangUp(child), graceMs);
  };
  child.stdout.on('data', (chunk: Buffer) => {
    seen.stdout.push(chunk);
    finish();
    if (hasLine) return;
    const line = /^(.*)\n/.exec(afterStart(token, text(seen.stdout)))?.[1];
    hasLine = line !== undefined || seen.stdout.length > 64;
    if (line !== undefined) firstLine.resolve(line);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    seen.stderr.push(chunk);
    tail = (tail + chunk.toString('latin1')).slice(-200);
    finish();
    if (hasStarted || startedGroup(token, text(seen.stderr)) === undefined) return;
    hasStarted = true;
    started.resolve();
  });
  child.once('close', () => clearTimeout(grace));
  return seen;
}

/** Over a session of its own; given up after five seconds, because the machine may be gone. */
async function endGroup(input: { readonly link: Link; readonly root: RootAccess; readonly group: number }): Promise<void> {
  const script = endGroupScript(input.group);
  const { token, socket, environment } = input.link;
  const remote = remoteCommand({ token, root: input.root.kind, script, timeoutSeconds: 10 });
  const child = spawnSsh({ argv: sessionArgv(socket, token, remote), environment });
  child.stdout.resume();
  child.stderr.resume();
  child.stdin.end(input.root.kind === 'sudo-with-password' ? `${input.root.password.reveal()}\n${stdinMark(token)}\n` : '');
  const timer = setTimeout(() => hangUp(child), 5000);
  await sshEnd(child).catch(() => undefined);
  clearTimeout(timer);
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}
