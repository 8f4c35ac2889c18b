/** Runs a program where the lab's machines can be reached: inside the namespace of its switch. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { type LocalOptions, runLocal } from '../local/run-local.ts';
import type { RunResult } from '../model/connection.ts';
import { namespacePath, switchNamespace } from './lab-names.ts';
import { toolPath } from './run-tool.ts';

/** Set for every program inside, to the lab's name: such a program need not enter by itself. */
export const enteredVariable = 'TRIVET_LAB_ENTERED';

/** Path of the switch's network namespace, for nsenter --net=. */
export function labSwitchNamespace(lab: string): string {
  return namespacePath(switchNamespace(lab));
}

/** argv, preceded by what enters the lab. */
export function enterLab(lab: string, argv: readonly string[]): readonly string[] {
  return ['nsenter', `--net=${labSwitchNamespace(lab)}`, '--', ...argv];
}

/** A non-zero exit is data. */
export function runInLab(lab: string, argv: readonly string[], options: LocalOptions = {}): Promise<RunResult> {
  return runLocal(enterLab(lab, argv), { ...options, env: { [enteredVariable]: lab, PATH: toolPath(), ...options.env } });
}

/** With this process's own terminal; resolves to the exit status. */
export async function runInLabInteractively(lab: string, argv: readonly string[]): Promise<number> {
  const [program = '', ...rest] = enterLab(lab, argv);
  const child = spawn(program, rest, { stdio: 'inherit', env: { ...process.env, [enteredVariable]: lab, PATH: toolPath() } });
  // Ctrl-C is the program's to answer.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  try {
    const [code, signal]: [number | null, NodeJS.Signals | null] = await once(child, 'exit').then(([a, b]) => [a, b]);
    return code ?? 128 + (signal === null ? 1 : constants.signals[signal]);
  } finally {
    process.off('SIGINT', ignore);
  }
}
