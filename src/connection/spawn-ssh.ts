/** Starts an ssh of its own session, so that Ctrl-C in the terminal ends trivet in good order and not ssh under it. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { Failure } from '../model/failure.ts';

export type SshProcess = ChildProcessByStdio<Writable, Readable, Readable>;

export interface SshSpawn {
  readonly argv: readonly string[];
  /** The whole environment: nothing is added. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function spawnSsh({ argv, environment }: SshSpawn): SshProcess {
  const [program = 'ssh', ...rest] = argv;
  const child = spawn(program, rest, { env: environment, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  // What the other side did not read is told by its exit, not by the pipe.
  child.stdin.on('error', () => undefined);
  return child;
}

/** Exit status once all output has come; 128+15 when it was ended from here. TOOL_MISSING when there is no ssh. */
export function sshEnd(child: SshProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') return reject(cause);
      reject(
        new Failure('TOOL_MISSING', `${child.spawnfile} is not installed on this machine`, {
          cause,
          remedy: 'apt-get install openssh-client',
        }),
      );
    });
    child.once('close', (status) => resolve(status ?? 143));
  });
}
