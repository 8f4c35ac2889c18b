/** Carries out steps that are not done yet. */

import type { Step } from '../../model/step.ts';
import type { Machine } from '../machine.ts';
import { writeBlock } from './block.ts';
import { runCommand } from './command.ts';
import { writeFile, writeFiles } from './file.ts';
import { makeLinks } from './link.ts';
import { removePath } from './remove.ts';
import { setService } from './service.ts';
import { uploadFile } from './upload.ts';
import { waitUntil } from './wait.ts';

/** unchanged: nothing had to be changed after all; a wait changes nothing. */
export async function executeStep(machine: Machine, step: Step): Promise<'changed' | 'unchanged'> {
  const { action } = step;
  switch (action.kind) {
    case 'service':
      return setService(machine, action);
    case 'wait':
      await waitUntil(machine, step, action);
      return 'unchanged';
    case 'command':
      machine.units.stale = true;
      return runCommand(machine, step, action);
    case 'file':
      machine.units.stale = true;
      await writeFile(machine, action);
      return 'changed';
    case 'block':
      await writeBlock(machine, action);
      return 'changed';
    case 'link':
      machine.units.stale = true;
      await makeLinks(machine, [action]);
      return 'changed';
    case 'upload':
      machine.units.stale = true;
      await uploadFile(machine, action);
      return 'changed';
    case 'remove':
      machine.units.stale = true;
      await removePath(machine, action);
      return 'changed';
  }
}

/** Files, or links, in one go. False: that failed, and each must be tried by itself to know which. */
export async function executeTogether(machine: Machine, steps: readonly Step[]): Promise<boolean> {
  machine.units.stale = true;
  const files = steps.flatMap(({ action }) => (action.kind === 'file' ? [action] : []));
  const links = steps.flatMap(({ action }) => (action.kind === 'link' ? [action] : []));
  if (files.length + links.length !== steps.length) return false;
  if (files.length > 0 && !(await writeFiles(machine, files))) return false;
  if (links.length > 0) await makeLinks(machine, links);
  return true;
}
