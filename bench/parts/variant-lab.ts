/** A cluster of the wanted variant on a lab of its own. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultBundlePath } from '../../src/bundle/bundle-paths.ts';
import { labDirectories } from '../../src/lab/lab-directories.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import { readLabFile } from '../../src/lab/lab-file.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { type BenchLab, type LabChoice, quiet } from './bench-lab.ts';
import { trivetSucceeds } from './timed-run.ts';
import { type Variant, variantFile, variantShape, variantSlug } from './variant.ts';

export interface VariantChoice extends LabChoice {
  readonly variant: Variant;
  /** A lab of that name and variant is used if it is there, and stays. */
  readonly keep: boolean;
}

export async function labWithVariant({ name, bundle, variant, keep }: VariantChoice, signal: AbortSignal): Promise<BenchLab> {
  const clusterFile = join(labDirectories(name).directory, `${variantSlug(variant)}.yaml`);
  const there = keep && (await readLabFile(name)) !== undefined && (await readFile(clusterFile).catch(() => undefined)) !== undefined;
  if (!there) await labDown(name, { emit: quiet, signal });
  const up = await labUp({ name, shape: variantShape(variant), bundle: bundle ?? defaultBundlePath(), emit: quiet, signal });
  await writeFile(clusterFile, variantFile(await readFile(up.clusterFile, 'utf8'), variant));
  await trivetSucceeds(['up', '-f', clusterFile, '-y'], signal).catch(async (error: unknown) => {
    if (!there && !keep) await labDown(name, { emit: quiet });
    throw error;
  });
  return { lab: up.lab, clusterFile, made: !there };
}
