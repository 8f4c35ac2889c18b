/** Opens a machine's connection: one ssh that stays, a child of this process that ends with it however it ends. */

import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { Passwords } from './ask-passwords.ts';
import { openAskpass } from './askpass.ts';
import { type SshProcess, spawnSsh, sshEnd } from './spawn-ssh.ts';
import { masterArgv, sshByHand } from './ssh-argv.ts';
import { sshFailure } from './ssh-failure.ts';
import type { Link } from './start-session.ts';

export interface MasterContext {
  /** Mode 0700, of this process, with a short path: a socket's may have 107 bytes. */
  readonly directory: () => Promise<string>;
  readonly token: string;
  readonly prefix: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly passwords: Passwords;
  /** A new short name in the directory. */
  readonly nextName: () => string;
}

export interface Master {
  readonly link: Link;
  readonly isOpen: () => boolean;
  readonly close: () => Promise<void>;
}

/** A login takes far less; a question that nobody answers would last for ever. */
const loginSeconds = 45;

export async function openMaster(context: MasterContext, host: Host, signal?: AbortSignal): Promise<Master> {
  const directory = await context.directory();
  const name = context.nextName();
  const password = await context.passwords(host);
  if (host.ssh.knownHosts !== undefined) await mkdir(dirname(host.ssh.knownHosts), { recursive: true, mode: 0o700 });
  const askpass = password === undefined ? undefined : await openAskpass(directory, name, password);
  try {
    const socket = join(directory, name);
    // The session that keeps it open reads what never comes; it ends with our end of the pipe, and the connection with it.
    const remote = `echo ${context.token}-open; exec cat >/dev/null`;
    const argv = masterArgv({ host, prefix: context.prefix, socket, password: password !== undefined, remote });
    const child = spawnSsh({ argv, environment: { ...context.environment, ...askpass?.environment } });
    await login({ child, host, byHand: sshByHand(host, context.prefix), mark: `${context.token}-open`, signal });
    const environment = { ...context.environment, SHELL: '/bin/sh' };
    return keep(child, { socket, token: context.token, environment });
  } finally {
    await askpass?.close();
  }
}

interface Login {
  readonly child: SshProcess;
  readonly host: Host;
  readonly byHand: string;
  readonly mark: string;
  readonly signal: AbortSignal | undefined;
}

/** Settles when the machine's shell has answered. */
async function login({ child, host, byHand, mark, signal }: Login): Promise<void> {
  const opened = Promise.withResolvers<void>();
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout = (stdout + chunk).slice(-10_000);
    if (stdout.includes(mark)) opened.resolve();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-10_000);
  });
  const stop = () => child.kill('SIGKILL');
  const timer = setTimeout(stop, loginSeconds * 1000);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  const started = Date.now();
  try {
    await Promise.race([
      opened.promise,
      sshEnd(child).then(() => {
        if (signal?.aborted) throw new Failure('INTERRUPTED', `connecting to ${host.name} was stopped`, { host: host.name });
        if (Date.now() - started < loginSeconds * 1000) throw sshFailure(host, stderr, byHand);
        throw new Failure('CONNECTION_TIMEOUT', `${host.name} (${host.address}, port ${host.ssh.port}) did not finish the login in time`, {
          host: host.name,
          remedy: `Try: ${byHand}`,
        });
      }),
    ]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function keep(child: SshProcess, link: Link): Master {
  const isOpen = () => child.exitCode === null && child.signalCode === null;
  const ended = new Promise<void>((resolve) => {
    if (isOpen()) child.once('close', () => resolve());
    else resolve();
  });
  return {
    link,
    isOpen,
    close: async () => {
      child.stdin.end();
      const soon = setTimeout(() => child.kill('SIGTERM'), 100);
      const late = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(soon);
      clearTimeout(late);
    },
  };
}
