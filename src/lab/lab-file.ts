/** lab.json: what a lab is meant to be. What it is at the moment, the box itself says. */

import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { Failure } from '../model/failure.ts';
import { releases } from './image-recipe.ts';
import { labDirectories } from './lab-directories.ts';
import { checkLabName } from './lab-names.ts';
import { type LabMachine, machineKinds } from './lab-plan.ts';

const schema = z.object({
  formatVersion: z.literal(1),
  name: z.string(),
  created: z.string(),
  release: z.enum(releases),
  packages: z.array(z.string()).readonly(),
  /** Directory of the root file system. */
  image: z.string(),
  bundle: z.string().optional(),
  /** Of the machines that have a kernel of their own. */
  kernel: z
    .object({
      directory: z.string(),
      /** Debian's package and version from which it was built. */
      source: z.string(),
      /** Directory of those machines' root file system. */
      image: z.string(),
    })
    .optional(),
  /** Size of etcd's own disks, in MB; absent: etcd's data lie on the box's. */
  etcdDiskMb: z.number().int().positive().optional(),
  machines: z
    .array(
      z.object({
        name: z.string(),
        address: z.string(),
        role: z.enum(['master', 'worker', 'etcd', 'lb']),
        // Labs of before had only these.
        kind: z.enum(machineKinds).default('nspawn'),
      }),
    )
    .readonly(),
});

export type Lab = Readonly<z.infer<typeof schema>>;

/** undefined when there is no such file, or no whole one. */
export async function readLabFile(name: string): Promise<Lab | undefined> {
  const text = await readFile(labDirectories(name).labFile, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export async function writeLabFile(lab: Lab): Promise<void> {
  const { labFile } = labDirectories(lab.name);
  await writeFile(`${labFile}.new`, `${JSON.stringify(lab, null, 2)}\n`);
  await rename(`${labFile}.new`, labFile);
}

/** LAB_MISSING when there is no such lab. */
export async function requireLab(name: string): Promise<Lab> {
  const lab = await readLabFile(checkLabName(name));
  if (lab !== undefined) return lab;
  throw new Failure('LAB_MISSING', `there is no lab named ${name}`, {
    remedy: `See trivet lab status, or make it: trivet lab up --name ${name}`,
  });
}

/** USAGE when the lab has no such machine. */
export function requireMachine(lab: Lab, name: string): LabMachine {
  const machine = lab.machines.find((candidate) => candidate.name === name);
  if (machine !== undefined) return machine;
  throw new Failure('USAGE', `lab ${lab.name} has no machine ${name}`, {
    remedy: `It has ${lab.machines.map((candidate) => candidate.name).join(', ')}`,
  });
}
