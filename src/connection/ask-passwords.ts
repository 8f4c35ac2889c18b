/** Fetches passwords from where the cluster file says they are, each source once. */

import { readFile, stat } from 'node:fs/promises';
import { Failure } from '../model/failure.ts';
import type { Host, PasswordSource } from '../model/host.ts';
import { Secret } from '../model/secret.ts';

export interface PasswordInput {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ask: ((question: string) => Promise<Secret>) | undefined;
  readonly warn: (message: string) => void;
}

/** The password of a host's source; undefined when the host has none. PASSWORD_MISSING when the source gives none. */
export type Passwords = (host: Host) => Promise<Secret | undefined>;

export function askPasswords(input: PasswordInput): Passwords {
  const fetched = new Map<string, Promise<Secret>>();
  return async (host) => {
    const source = host.ssh.password;
    if (source === undefined) return undefined;
    const key = JSON.stringify(source);
    const secret = fetched.get(key) ?? fetchPassword(source, input);
    fetched.set(key, secret);
    try {
      return await secret;
    } catch (error) {
      fetched.delete(key);
      throw error;
    }
  };
}

async function fetchPassword(source: PasswordSource, { environment, ask, warn }: PasswordInput): Promise<Secret> {
  switch (source.kind) {
    case 'environment': {
      const value = environment[source.variable];
      if (value) return oneLine(value, `the environment variable ${source.variable}`);
      throw new Failure('PASSWORD_MISSING', `the environment variable ${source.variable} holds no SSH password`, {
        remedy: `Set it for this command only: read -rs ${source.variable}; export ${source.variable}`,
      });
    }
    case 'file':
      return await fromFile(source.path, warn);
    case 'prompt':
      if (ask !== undefined) return await ask('SSH (and sudo) password: ');
      throw new Failure('PASSWORD_MISSING', 'the SSH password is to be typed, and there is no terminal to ask on', {
        remedy: 'Name a file or an environment variable that holds it.',
      });
  }
}

async function fromFile(path: string, warn: (message: string) => void): Promise<Secret> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) warn(`the password file ${path} can be read by other users: chmod 600 ${path}`);
  } catch (error) {
    throw new Failure('PASSWORD_MISSING', `the password file ${path} cannot be read`, { cause: error, remedy: `ls -l ${path}` });
  }
  return oneLine(text.replace(/\r?\n$/, ''), `the password file ${path}`);
}

function oneLine(value: string, where: string): Secret {
  if (value !== '' && !/[\r\n\0]/.test(value)) return new Secret(value);
  throw new Failure('PASSWORD_MISSING', `${where} must hold one line, the password`, { remedy: 'Put the password alone in it.' });
}
