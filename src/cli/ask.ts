/** Questions to the person at the terminal; without a terminal they fail with the flag that answers them. */

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Failure } from '../model/failure.ts';
import { Secret } from '../model/secret.ts';

/** True on y or yes; a Failure CONFIRMATION without a terminal. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Failure('CONFIRMATION', 'there is no terminal to ask at, so nothing was done', { remedy: 'run it again with -y' });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(y|yes)$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}

/** Asks without echo. */
export async function askSecret(question: string): Promise<Secret> {
  if (!process.stdin.isTTY) {
    throw new Failure('PASSWORD_MISSING', `there is no terminal to ask at: ${question}`, {
      remedy: 'give the password by a file (--passwd-file, ssh.password.file) or an environment variable (--passwd-env, ssh.password.env)',
    });
  }
  process.stderr.write(`${question} `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return new Secret(await lines.question(''));
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
