/** Several read-only commands in one run: a check of a phase costs one round trip to the machine, however many steps it has. */

import { randomUUID } from 'node:crypto';
import { quote } from '../model/quote.ts';
import type { Machine } from './machine.ts';
import { TOGETHER } from './machine-scripts.ts';
import { runScript } from './must-run.ts';

export interface Answer {
  /** 124: it did not answer within a minute. */
  readonly code: number;
  readonly stdout: string;
}

/** In the order of the commands. They have no standard input; what they say on standard error is dropped. */
export async function runTogether(
  machine: Pick<Machine, 'connection' | 'signal'>,
  what: string,
  commands: readonly (readonly string[])[],
): Promise<readonly Answer[]> {
  if (commands.length === 0) return [];
  const separator = `trivet-${randomUUID()}`;
  const { stdout } = await runScript(machine, what, TOGETHER, [separator, ...commands.map(quote)], { timeoutSeconds: 90 });
  const parts = stdout.split(`${separator} `).slice(1);
  return commands.map((_, index) => {
    const part = parts[index] ?? '1\n';
    const end = part.indexOf('\n');
    return { code: Number(part.slice(0, end)), stdout: part.slice(end + 1).replace(/\n$/, '') };
  });
}
