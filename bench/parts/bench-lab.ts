/** The lab that a benchmark works on: three masters and a worker, minimal machines. */

import { defaultBundlePath } from '../../src/bundle/bundle-paths.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import { type Lab, readLabFile } from '../../src/lab/lab-file.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import type { Emit } from '../../src/model/event.ts';
import { trivetSucceeds } from './timed-run.ts';

const shape = { masters: 3, workers: 1, etcd: 0, lb: 0 };

export interface BenchLab {
  readonly lab: Lab;
  readonly clusterFile: string;
  /** Whether this benchmark made it: only then it is removed at the end. */
  readonly made: boolean;
}

export interface LabChoice {
  readonly name: string;
  /** Default: the one that `trivet bundle create` makes. */
  readonly bundle?: string | undefined;
}

export const quiet: Emit = () => undefined;

/** A lab that was never used: an earlier one of the name is removed. */
export async function freshLab({ name, bundle }: LabChoice, signal: AbortSignal): Promise<BenchLab> {
  await labDown(name, { emit: quiet, signal });
  return { ...(await labUp({ name, shape, bundle: bundle ?? defaultBundlePath(), emit: quiet, signal })), made: true };
}

/** A whole cluster: on the lab of that name if there is one, otherwise on a new one. */
export async function labWithCluster(choice: LabChoice, signal: AbortSignal): Promise<BenchLab> {
  const existed = (await readLabFile(choice.name)) !== undefined;
  console.error(existed ? `using the lab ${choice.name}` : `making the lab ${choice.name}`);
  const up = await labUp({ name: choice.name, shape, bundle: choice.bundle ?? defaultBundlePath(), emit: quiet, signal });
  console.error('trivet up (usually 90 s on new machines)');
  await trivetSucceeds(['up', '-f', up.clusterFile, '-y'], signal).catch(async (error: unknown) => {
    if (!existed) await labDown(choice.name, { emit: quiet });
    throw error;
  });
  return { ...up, made: !existed };
}

export async function removeLab({ lab, made }: BenchLab, keep: boolean): Promise<void> {
  if (made && !keep) await labDown(lab.name, { emit: quiet });
}
