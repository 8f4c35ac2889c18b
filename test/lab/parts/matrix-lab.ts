/** The machines of the matrix: made when a case needs others than there are, and used again by the next. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Variant, variantFile, variantShape, variantSlug } from '../../../bench/parts/variant.ts';
import { labDirectories } from '../../../src/lab/lab-directories.ts';
import { labDown } from '../../../src/lab/lab-down.ts';
import { type Lab, readLabFile } from '../../../src/lab/lab-file.ts';
import { type LabMachine, planMachines } from '../../../src/lab/lab-plan.ts';
import { labUp } from '../../../src/lab/lab-up.ts';
import { emit, trivetOk } from '../on-lab.ts';

export interface CaseLab {
  readonly lab: Lab;
  /** The case's cluster file, and one with the first master only. */
  readonly file: string;
  readonly oneMaster: string;
}

/** Machines on which nothing was done, or of which the last case has proved that nothing is left. */
export async function caseLab(name: string, variant: Variant, clean: boolean): Promise<CaseLab> {
  const shape = variantShape(variant);
  const release = variant.release ?? 'trixie';
  const there = await readLabFile(name);
  if (!clean || there?.release !== release || !sameMachines(there.machines, planMachines(shape))) await labDown(name, { emit });
  const bundle = (await trivetOk('bundle', 'create', '--from', 'modules', '--release', release)).trim();
  const { lab, clusterFile } = await labUp({ name, shape, release, bundle, emit });
  const text = await readFile(clusterFile, 'utf8');
  const path = (suffix: string) => join(labDirectories(name).directory, `${variantSlug(variant)}${suffix}.yaml`);
  await writeFile(path(''), variantFile(text, variant));
  await writeFile(path('-one-master'), variantFile(text, variant, 1));
  return { lab, file: path(''), oneMaster: path('-one-master') };
}

function sameMachines(some: readonly LabMachine[], others: readonly LabMachine[]): boolean {
  const text = (machines: readonly LabMachine[]) => machines.map(({ name, kind }) => `${name} ${kind}`).join();
  return text(some) === text(others);
}
