/** Writes whole files, after their receipts and the marks for the restarts that they ask for. */

import { reveal, Secret } from '../../model/secret.ts';
import type { FileAction } from '../../model/step.ts';
import type { Machine } from '../machine.ts';
import { script, WRITE_FILES } from '../machine-scripts.ts';
import { digestOf } from '../record.ts';

/** All in two round trips. If that fails (and nothing was renamed yet, or some), one by one, so that the failing one is known. */
export async function writeFiles(machine: Machine, actions: readonly FileAction[]): Promise<boolean> {
  await note(machine, actions);
  const stdin = new Secret(actions.map(frame).join(''));
  const result = await machine.connection.run(script(WRITE_FILES, String(actions.length)), { signal: machine.signal, stdin });
  return result.code === 0;
}

export async function writeFile(machine: Machine, action: FileAction): Promise<void> {
  await note(machine, [action]);
  await machine.connection.write(action.path, action.content, { mode: action.mode, owner: action.owner });
}

async function note(machine: Machine, actions: readonly FileAction[]): Promise<void> {
  await machine.receipt.notePaths(
    actions.map(({ path, content, restarts }) => ({
      entry: { kind: 'file', path, sha256: digestOf(reveal(content)), original: undefined },
      restarts,
    })),
  );
}

function frame({ path, content, mode, owner }: FileAction): string {
  const text = reveal(content);
  return `${mode.toString(8)}\t${owner}\t${Buffer.byteLength(text)}\t${path}\n${text}`;
}
