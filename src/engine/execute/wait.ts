/** Waits until a command on the machine succeeds. */

import type { Connection } from '../../model/connection.ts';
import { Failure } from '../../model/failure.ts';
import type { Step, WaitAction } from '../../model/step.ts';
import { secondsSince } from '../clock.ts';
import type { Machine } from '../machine.ts';
import { redact } from '../redact.ts';

const progressEverySeconds = 5;

/** WAIT_EXPIRED with what the last try said. */
export async function waitUntil(machine: Machine, step: Step, action: WaitAction): Promise<void> {
  const { clock, signal } = machine;
  const host = machine.connection.host.name;
  const start = clock.now();
  let told = 0;
  for (;;) {
    signal.throwIfAborted();
    const left = action.deadlineSeconds - secondsSince(clock, start);
    const said = await tryOnce(machine.connection, action, Math.max(1, Math.min(30, left)), signal);
    if (said === undefined) return;
    const waited = secondsSince(clock, start);
    if (waited >= action.deadlineSeconds) {
      throw new Failure('WAIT_EXPIRED', `${step.title}: not within ${action.deadlineSeconds} s`, {
        host,
        remedy: action.hint,
        findings: said === '' ? [] : [redact(said)],
      });
    }
    if (waited - told >= progressEverySeconds) {
      told = waited;
      machine.emit({
        kind: 'progress',
        task: step.id,
        message: `${host}: ${step.title} (${Math.round(waited)} s of at most ${action.deadlineSeconds} s)`,
      });
    }
    await clock.sleep(Math.min(action.everySeconds, Math.max(0.1, action.deadlineSeconds - waited)) * 1000, signal);
  }
}

/** undefined: it came. Otherwise the last line that the command said. */
async function tryOnce(connection: Connection, action: WaitAction, seconds: number, signal: AbortSignal): Promise<string | undefined> {
  try {
    const result = await connection.run(action.argv, { signal, timeoutSeconds: seconds });
    if (result.code === 0) return undefined;
    return (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1) ?? '';
  } catch (error) {
    if (error instanceof Failure && error.code === 'CONNECTION_TIMEOUT') return 'the command did not answer';
    throw error;
  }
}
