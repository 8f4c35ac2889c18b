/** Keeps one marked block in a file that others write too; all other lines stay as they are. */

import type { BlockAction } from '../../model/step.ts';
import { lookArgv, parseLook } from '../look.ts';
import type { Machine } from '../machine.ts';
import { mustRun } from '../must-run.ts';

export async function writeBlock(machine: Machine, { path, name, content }: BlockAction): Promise<void> {
  await machine.receipt.note({ kind: 'block', path, name });
  const seen = await mustRun(machine, `look at ${path}`, lookArgv({ hashed: [], plain: [path] }));
  const file = parseLook(seen.stdout).files.get(path);
  const text = (await machine.connection.read(path)) ?? '';
  await machine.connection.write(path, withBlock(text, name, content), { mode: file?.mode ?? 0o644, owner: file?.owner ?? 'root:root' });
}

/** The text with the block in its old place, or at the end; an empty content takes the block out. A begin without an end is dropped alone. */
export function withBlock(text: string, name: string, content: string): string {
  const begin = `# BEGIN trivet ${name}`;
  const end = `# END trivet ${name}`;
  const body = content.replace(/\n+$/, '');
  const block = body === '' ? [] : [begin, ...body.split('\n'), end];
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const rest: string[] = [];
  let place: number | undefined;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === begin) {
      place ??= rest.length;
      const last = lines.indexOf(end, index);
      if (last >= 0 && !lines.slice(index + 1, last).includes(begin)) index = last;
    } else if (line !== end) rest.push(line);
  }
  if (place === undefined && block.length === 0) return text;
  const at = place ?? rest.length;
  const all = [...rest.slice(0, at), ...block, ...rest.slice(at)];
  return all.length === 0 ? '' : `${all.join('\n')}\n`;
}
