/** Carries out one step that is not done yet. */

import type { Step } from '../../model/step.ts';
import type { Machine } from '../machine.ts';
import { writeBlock } from './block.ts';
import { runCommand } from './command.ts';
import { writeFile } from './file.ts';
import { makeLink } from './link.ts';
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
      await makeLink(machine, action);
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
