/** Copies a local file to the machine and stamps it, so that later runs need not hash it again. */

import { receiptDirectory } from '../../model/receipt.ts';
import type { UploadAction } from '../../model/step.ts';
import type { Machine } from '../machine.ts';
import { STAMP } from '../machine-scripts.ts';
import { runScript } from '../must-run.ts';
import { digestOf } from '../record.ts';

export async function uploadFile(machine: Machine, { source, path, sha256, mode, restarts }: UploadAction): Promise<void> {
  await machine.receipt.notePaths([{ entry: { kind: 'upload', path, sha256, original: undefined }, restarts }]);
  await machine.connection.upload(source, path, { sha256, mode, owner: 'root:root', signal: machine.signal });
  await runScript(machine, `stamp ${path}`, STAMP, [path, sha256, `${receiptDirectory}/uploads/${digestOf(path)}.stamp`]);
}
