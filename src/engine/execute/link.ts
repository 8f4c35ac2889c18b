/** Makes symbolic links, by rename over what is there. */

import type { LinkAction } from '../../model/step.ts';
import type { Machine } from '../machine.ts';
import { LINK } from '../machine-scripts.ts';
import { runScript } from '../must-run.ts';

/** All in two round trips. */
export async function makeLinks(machine: Machine, actions: readonly LinkAction[]): Promise<void> {
  await machine.receipt.notePaths(
    actions.map(({ path, target }) => ({ entry: { kind: 'link', path, target, original: undefined }, restarts: undefined })),
  );
  const args = actions.flatMap(({ path, target }) => [path, target]);
  await runScript(machine, `link ${actions.map(({ path }) => path).join(', ')}`, LINK, args);
}
