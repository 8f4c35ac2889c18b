/** Runs a program whose output goes straight to this terminal. */

import { spawn } from 'node:child_process';

/** Its exit status; 128+n after signal n. Without standard input, so that nothing can wait for an answer. */
export async function runLive(argv: readonly string[], cwd: string): Promise<number> {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
}
