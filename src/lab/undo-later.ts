/** The process that undoes a power fault when its time has come, whatever became of who injected it: `trivet lab undo-later`. */

import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../drill/probes/monotonic.ts';
import { Failure } from '../model/failure.ts';
import { type ArmedUndo, sayArmed, sayDisarmed } from './armed-undo.ts';
import { requireLab, requireMachine } from './lab-file.ts';
import { powerOn } from './power.ts';

export interface UndoLaterInput {
  readonly lab: string;
  readonly machine: string;
  readonly power: ArmedUndo['power'];
  readonly seconds: number;
}

/** The one line by which it says that it waits from now on. */
export const armedLine = 'armed';

const attempts = 20;

/** Says that it is armed, waits, undoes. LAB when another waits for the same machine. Ended early by endUndo(). */
export async function undoLater({ lab, machine, power, seconds }: UndoLaterInput): Promise<void> {
  requireMachine(await requireLab(lab), machine);
  const dueMs = monotonicMs() + seconds * 1000;
  const other = await sayArmed(lab, { machine, power, dueMs });
  if (other !== undefined) throw alreadyArmed(lab, other);
  // Ctrl-C and a closed terminal are the operator's, and so is the pipe that nobody reads any more.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGPIPE'] as const) process.on(signal, () => undefined);
  process.stdout.on('error', () => undefined);
  process.stdout.write(`${armedLine}\n`);
  await delay(Math.max(0, dueMs - monotonicMs()));
  for (let attempt = 1; attempt <= attempts && !(await undone(lab, machine)); attempt++) await delay(5000);
  await sayDisarmed(lab, machine);
}

/** Powering on also lets a frozen machine go on. true also when there is no such machine any more. */
async function undone(lab: string, machine: string): Promise<boolean> {
  try {
    await powerOn({ lab, machine, emit: () => undefined });
    return true;
  } catch (error) {
    process.stderr.write(`${new Date().toISOString()} ${machine}: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof Failure && error.code === 'LAB_MISSING';
  }
}

/** For whoever wants to arm another for the same machine. */
export function alreadyArmed(lab: string, undo: ArmedUndo): Failure {
  return new Failure('LAB', armedWords(undo), { host: undo.machine, remedy: `Wait, or: ${powerOnCommand(lab, undo)}` });
}

export function armedWords({ machine, power, dueMs }: ArmedUndo): string {
  const seconds = Math.max(0, Math.ceil((dueMs - monotonicMs()) / 1000));
  return `${machine} was ${power === 'off' ? 'powered off' : 'frozen'} by a drill, and comes back by itself in ${seconds} s`;
}

/** Also ends the process that waits. */
export function powerOnCommand(lab: string, { machine }: ArmedUndo): string {
  return `trivet lab power on ${machine} --name ${lab}`;
}
