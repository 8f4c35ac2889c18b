/** Makes a symbolic link, by rename over what is there. */

import type { LinkAction } from '../../model/step.ts';
import type { Machine } from '../machine.ts';
import { LINK } from '../machine-scripts.ts';
import { runScript } from '../must-run.ts';

export async function makeLink(machine: Machine, { path, target }: LinkAction): Promise<void> {
  await machine.receipt.notePath({ kind: 'link', path, target, original: undefined }, undefined);
  await runScript(machine, `link ${path} to ${target}`, LINK, [path, target]);
}
