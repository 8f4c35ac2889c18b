/** Shows the ends of the logs that a failed run wrote: trivet's own and the consoles of the lab's machines. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { stateDirectory } from '../src/local/directories.ts';

const linesShown = 40;
const filesShown = 8;

/** Prints what was written since then, newest last, at most eight files and forty lines of each. */
export async function printLogs(since: Date): Promise<void> {
  const entries = await readdir(stateDirectory(), { recursive: true, withFileTypes: true }).catch(() => []);
  const logs: { path: string; writtenMs: number }[] = [];
  for (const entry of entries) {
    if (!entry.isFile() || !/(\.log|console|\.ndjson)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const writtenMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
    if (writtenMs >= since.getTime()) logs.push({ path, writtenMs });
  }
  for (const log of logs.toSorted((a, b) => a.writtenMs - b.writtenMs).slice(-filesShown)) {
    const lines = (await readFile(log.path, 'utf8').catch(() => '')).trimEnd().split('\n');
    console.log(`--- ${log.path} (the last ${Math.min(linesShown, lines.length)} of ${lines.length} lines)`);
    console.log(lines.slice(-linesShown).join('\n'));
  }
}
