/** What a figure was measured on: without it a figure means nothing. */

import { cpus, loadavg, release, totalmem } from 'node:os';
import { z } from 'zod';
import { packageRoot } from '../../src/local/package-root.ts';
import { runLocal } from '../../src/local/run-local.ts';

export const surroundingsSchema = z.object({
  date: z.string(),
  cores: z.number(),
  processor: z.string(),
  memoryGiB: z.number(),
  kernel: z.string(),
  node: z.string(),
  /** git's commit; `+` after it: with changes that are not committed. */
  commit: z.string(),
  /** Over the last minute, before anything was measured. */
  load: z.number(),
});

export type Surroundings = z.infer<typeof surroundingsSchema>;

export async function surroundings(): Promise<Surroundings> {
  const git = async (...args: readonly string[]) => (await runLocal(['git', '-C', packageRoot(), ...args])).stdout.trim();
  const changes = await git('status', '--porcelain', '--', 'src', 'bench', 'launcher', 'trivet');
  const [one = 0] = loadavg();
  return {
    date: new Date().toISOString(),
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    commit: `${await git('rev-parse', '--short', 'HEAD')}${changes === '' ? '' : '+'}`,
    load: Number(one.toFixed(2)),
  };
}

/** One line below a table. */
export function describeSurroundings(on: Surroundings): string {
  return `${on.date.slice(0, 16).replace('T', ' ')} UTC, commit ${on.commit}, ${on.cores} cores (${on.processor}), ${on.memoryGiB} GiB, Linux ${on.kernel}, Node ${on.node}, load before: ${on.load}`;
}
