/** What labs there are, and which of their machines are on. */

import { cgroupsOfBox } from './cgroups.ts';
import { labDirectories } from './lab-directories.ts';
import { labNames } from './lab-down.ts';
import { readLabFile } from './lab-file.ts';
import type { LabMachine } from './lab-plan.ts';
import { isOn } from './lab-up.ts';

export interface LabStatus {
  readonly name: string;
  /** half-made: something is there, but no whole lab; `lab down` removes it. */
  readonly state: 'up' | 'partly-up' | 'off' | 'half-made';
  readonly clusterFile: string;
  readonly machines: readonly (LabMachine & { readonly power: 'on' | 'off' })[];
}

export async function labStatus(): Promise<readonly LabStatus[]> {
  return Promise.all((await labNames()).map(statusOf));
}

async function statusOf(name: string): Promise<LabStatus> {
  const lab = await readLabFile(name);
  const { clusterFile } = labDirectories(name);
  if (lab === undefined) return { name, state: 'half-made', clusterFile, machines: [] };
  const cgroups = await cgroupsOfBox();
  const machines = await Promise.all(
    lab.machines.map(async (machine) => ({
      ...machine,
      power: (await isOn(name, machine, cgroups)) ? ('on' as const) : ('off' as const),
    })),
  );
  const on = machines.filter((machine) => machine.power === 'on').length;
  return { name, state: on === machines.length ? 'up' : on === 0 ? 'off' : 'partly-up', clusterFile, machines };
}
