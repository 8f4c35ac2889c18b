/** Removes a file or a tree, never anything mounted below it. */

import { Failure } from '../../model/failure.ts';
import type { RemoveAction } from '../../model/step.ts';
import type { Machine } from '../machine.ts';
import { REMOVE, script } from '../machine-scripts.ts';
import { mustRun } from '../must-run.ts';

/** STEP_FAILED names the mount that is in the way. */
export async function removePath(machine: Machine, { path }: RemoveAction): Promise<void> {
  if (!/^\/[^/]+\/[^/]/.test(path) || path.split('/').some((part) => part === '..' || part === '.')) {
    throw new Failure('INTERNAL', `refusing to remove ${JSON.stringify(path)}: not an absolute path below a top directory`);
  }
  const argv = script(REMOVE, path.replace(/\/+$/, ''));
  const result = await machine.connection.run(argv, { signal: machine.signal, timeoutSeconds: 300 });
  if (result.code === 3) {
    const mounted = result.stdout.trim();
    throw new Failure('STEP_FAILED', `${path} is not removed: ${mounted} is mounted below it`, {
      host: machine.connection.host.name,
      remedy: `umount ${mounted}`,
    });
  }
  if (result.code !== 0) await mustRun(machine, `remove ${path}`, argv, { timeoutSeconds: 300 });
}
