/** A lab's power switches for drills: each arms its own undo, as a process of its own, before it acts. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { LabPower } from '../drill/faults/fault.ts';
import { monotonicMs } from '../drill/probes/monotonic.ts';
import { ownCommand } from '../local/own-command.ts';
import type { Emit } from '../model/event.ts';
import { Failure } from '../model/failure.ts';
import { armedUndos, endUndo, undoWord } from './armed-undo.ts';
import { cgroupsOfBox } from './cgroups.ts';
import { labDirectories } from './lab-directories.ts';
import { machineId } from './lab-names.ts';
import { freezeMachine, powerOff, powerOn } from './power.ts';
import { alreadyArmed, armedLine, armedWords, powerOnCommand, type UndoLaterInput } from './undo-later.ts';

/**
 * Works inside the lab's namespace as well as outside. `act` rejects with LAB or INTERRUPTED, and then the machine is as before, or
 * will be within its limit; the undo that it gives may be called again.
 */
export function labPower(lab: string, { emit }: { readonly emit: Emit }): LabPower {
  return {
    async act(power, machine, { limitSeconds, signal }) {
      signal.throwIfAborted();
      await arm({ lab, machine, power, seconds: limitSeconds }, signal);
      // Disarmed last: whoever is killed before that leaves the other one to do it.
      const undo = async (undoSignal?: AbortSignal) => {
        await powerOn({ lab, machine, emit, signal: undoSignal });
        await endUndo(lab, machine);
      };
      let actedAtMs = monotonicMs();
      const onActed = () => {
        actedAtMs = monotonicMs();
      };
      try {
        await (power === 'off' ? powerOff : freezeMachine)({ lab, machine, emit, signal, onActed });
      } catch (error) {
        await undo().catch(() => undefined);
        throw error;
      }
      return { actedAtMs, undo };
    },
    aside: async (machine, aside) => (await cgroupsOfBox()).share(machineId(lab, machine), aside ? 'small' : 'usual'),
    left: async () => (await armedUndos(lab)).map((undo) => `${armedWords(undo)}; to have it now: ${powerOnCommand(lab, undo)}`),
  };
}

/** Resolves when the process waits; it then goes its own way. LAB with its own words when it does not. */
async function arm(input: UndoLaterInput, signal: AbortSignal): Promise<void> {
  const { lab, machine, power, seconds } = input;
  const other = (await armedUndos(lab)).find((undo) => undo.machine === machine);
  if (other !== undefined) throw alreadyArmed(lab, other);
  const [program = '', ...args] = ownCommand(['lab', undoWord, lab, machine, power, String(seconds)]);
  const logFile = `${labDirectories(lab).directory}/undo-${machine}.log`;
  const log = await open(logFile, 'a');
  try {
    // A session of its own: neither the operator's terminal nor a kill of the operator's processes reaches it.
    const child = spawn(program, args, { detached: true, cwd: '/', stdio: ['ignore', 'pipe', log.fd] });
    const stop = () => child.kill('SIGKILL');
    signal.addEventListener('abort', stop, { once: true });
    const first = await firstLine(child);
    signal.removeEventListener('abort', stop);
    if (signal.aborted) stop();
    signal.throwIfAborted();
    if (first !== armedLine)
      throw new Failure('LAB', `the undo of a power fault on ${machine} could not be armed, so nothing was done to it`, {
        host: machine,
        log: logFile,
        remedy: `See the log; if another undo is armed: trivet lab power on ${machine} --name ${lab}`,
      });
    child.stdout?.destroy();
    child.unref();
  } finally {
    await log.close();
  }
}

/** undefined when it ended without one. */
async function firstLine(child: ChildProcess): Promise<string | undefined> {
  const ended = once(child, 'close').then(() => undefined);
  if (child.stdout === null) return ended;
  const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text));
  return Promise.race([line, ended]);
}
