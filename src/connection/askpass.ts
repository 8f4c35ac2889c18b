/** Hands a password to ssh through a named pipe: it never lies on a disk, nor in an argv or an environment. */

import { constants } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runLocal } from '../local/run-local.ts';
import { Failure } from '../model/failure.ts';
import type { Secret } from '../model/secret.ts';

export interface Askpass {
  /** For the environment of ssh. */
  readonly environment: Readonly<Record<string, string>>;
  /** Takes the password back. */
  readonly close: () => Promise<void>;
}

/** How often one login may ask: keyboard-interactive and password, for the machine and for jump hosts. */
const answers = 8;

/** directory: mode 0700, of this process. name: unique in it. */
export async function openAskpass(directory: string, name: string, password: Secret): Promise<Askpass> {
  const pipe = join(directory, `${name}.pipe`);
  const program = join(directory, `${name}.askpass`);
  const made = await runLocal(['mkfifo', '-m', '600', pipe]);
  if (made.code !== 0) throw new Failure('INTERNAL', `cannot make the pipe ${pipe}: ${made.stderr.trim()}`);
  // Opened for both directions (Linux): neither side waits for the other, and what was not read is gone when it is closed.
  const handle = await open(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  await handle.write(`${password.reveal()}\n`.repeat(answers));
  await writeFile(program, script(pipe), { mode: 0o700 });
  return {
    environment: { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: 'force' },
    close: async () => {
      await handle.close();
      await Promise.all([rm(pipe, { force: true }), rm(program, { force: true })]);
    },
  };
}

/** Answers only questions for a password: the passphrase of a key is something else. read and printf are built in: no argv. */
function script(pipe: string): string {
  return `#!/bin/sh
case "$1" in *[Pp]assword*) ;; *) exit 1 ;; esac
IFS= read -r answer < '${pipe}' || exit 1
printf '%s\\n' "$answer"
`;
}
