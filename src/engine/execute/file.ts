/** Writes a whole file, after its receipt and the mark for the restart that it asks for. */

import { reveal } from '../../model/secret.ts';
import type { FileAction } from '../../model/step.ts';
import type { Machine } from '../machine.ts';
import { digestOf } from '../record.ts';

export async function writeFile({ connection, receipt }: Machine, action: FileAction): Promise<void> {
  const sha256 = digestOf(reveal(action.content));
  await receipt.notePath({ kind: 'file', path: action.path, sha256, original: undefined }, action.restarts);
  await connection.write(action.path, action.content, { mode: action.mode, owner: action.owner });
}
