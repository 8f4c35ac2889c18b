/** Runs the engine's shell snippets for real, on this machine, with their directories moved below a scratch directory. */

import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RECORD } from '../../src/engine/machine-scripts.ts';
import type { Connection, RunResult } from '../../src/model/connection.ts';
import { reveal } from '../../src/model/secret.ts';
import { fakeHost } from './fake-machine.ts';

/** shell: what stands for sh, since Debian's is dash and that of the RHEL family bash. */
export function thisMachine(directory: string, shell: 'dash' | 'bash'): Connection {
  const run = (argv: readonly string[], stdin = ''): Promise<RunResult> =>
    new Promise((resolve, reject) => {
      const [program = '', ...args] = movedArgv(directory, shell, argv);
      const child = spawn(program, args, { stdio: 'pipe', detached: true });
      const result = { stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        result.stdout += chunk;
      });
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        result.stderr += chunk;
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? 255, ...result }));
      child.stdin.on('error', () => undefined).end(stdin);
    });
  return {
    host: fakeHost('here'),
    run: async (argv, options) => {
      await mkdir(join(directory, 'run'), { recursive: true });
      const stdin = reveal(options?.stdin ?? '');
      return run(argv, argv[2] === RECORD ? moved(directory, stdin) : stdin);
    },
    write: async (path, content, { mode }) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, reveal(content), { mode });
    },
    read: (path) => readFile(moved(directory, path), 'utf8').catch(() => undefined),
    upload: async () => {
      throw new Error('this machine takes no uploads');
    },
    hold: async () => {
      throw new Error('this machine holds nothing');
    },
    close: async () => undefined,
  };
}

/** argv as this machine runs it. */
export function movedArgv(directory: string, shell: 'dash' | 'bash', argv: readonly string[]): readonly string[] {
  const [program, ...args] = argv.map((word) => moved(directory, word).replaceAll('setsid sh ', `setsid ${shell} `));
  return [program === 'sh' ? shell : (program ?? ''), ...args];
}

function moved(directory: string, text: string): string {
  return text.replaceAll(/(?<![\w.])\/(var\/lib\/trivet|var\/log\/trivet|run\/trivet)/g, `${directory}/$1`);
}
