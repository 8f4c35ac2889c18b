/** Undos of power faults that wait for their time: which there are on this box, and how one is ended when it is not needed any more. */

import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { Failure } from '../model/failure.ts';
import { machineId, ownerOf } from './lab-names.ts';

/** Emptied at every boot of the box, after which no machine of a lab runs and no process waits. */
const directory = '/run/trivet/undos';

/** The word in the command line of a process that waits: no other process is ever ended for one. */
export const undoWord = 'undo-later';

const schema = z.object({
  machine: z.string(),
  power: z.enum(['off', 'frozen']),
  pid: z.number().int().positive(),
  /** Field 22 of /proc/PID/stat: a pid that was given to another process has another. */
  startTicks: z.string(),
  /** When it undoes, in milliseconds of the box's uptime (CLOCK_MONOTONIC). */
  dueMs: z.number(),
});

export type ArmedUndo = Readonly<z.infer<typeof schema>>;

/** Those of a lab whose process lives. */
export async function armedUndos(lab: string): Promise<readonly ArmedUndo[]> {
  const ids = (await readdir(directory).catch(() => [])).filter((id) => {
    const owner = ownerOf(id);
    return owner?.lab === lab && owner.machine !== undefined;
  });
  const undos = await Promise.all(ids.map(readUndo));
  return undos.filter((undo) => undo !== undefined);
}

/** Says that this process waits; what another process says that waits for the same machine already, if there is one. */
export async function sayArmed(lab: string, undo: Pick<ArmedUndo, 'machine' | 'power' | 'dueMs'>): Promise<ArmedUndo | undefined> {
  const id = machineId(lab, undo.machine);
  const file = join(directory, id);
  const own: ArmedUndo = { ...undo, pid: process.pid, startTicks: (await startTicksOf(process.pid)) ?? '' };
  await mkdir(directory, { recursive: true });
  const temporary = join(directory, `.${id}.${process.pid}`);
  await writeFile(temporary, JSON.stringify(own));
  try {
    for (let attempt = 1; attempt <= 10; attempt++) {
      const there = await readUndo(id);
      if (there !== undefined) return there;
      // What a dead one has left; link() is refused when another came first.
      await rm(file, { force: true });
      const linked = await link(temporary, file).then(
        () => true,
        () => false,
      );
      if (linked) return undefined;
    }
    throw new Failure('LAB', `${file} cannot be written`);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** By the process itself, at its end. */
export async function sayDisarmed(lab: string, machine: string): Promise<void> {
  const id = machineId(lab, machine);
  if ((await readUndo(id))?.pid === process.pid) await rm(join(directory, id), { force: true });
}

/** Ends the process that waits, if there is one, and returns when it is gone. */
export async function endUndo(lab: string, machine: string): Promise<void> {
  const id = machineId(lab, machine);
  for (let undo = await readUndo(id); undo !== undefined; undo = await readUndo(id)) {
    kill(undo.pid);
    await delay(5);
  }
  await rm(join(directory, id), { force: true });
}

/** undefined when there is none, or its process is dead. */
async function readUndo(id: string): Promise<ArmedUndo | undefined> {
  const text = await readFile(join(directory, id), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const undo = schema.parse(JSON.parse(text));
    return (await isAlive(undo)) ? undo : undefined;
  } catch {
    return undefined;
  }
}

async function isAlive({ pid, startTicks }: ArmedUndo): Promise<boolean> {
  if ((await startTicksOf(pid)) !== startTicks) return false;
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  // Of a zombie it is empty.
  return words.includes(undoWord);
}

/** undefined when there is no such process. */
async function startTicksOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat === undefined ? undefined : startTicks(stat);
}

/** Counted after the command's name, which may hold anything, parentheses too (proc_pid_stat(5)). */
export function startTicks(stat: string): string | undefined {
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(19);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
}
