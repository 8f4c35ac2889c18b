/** Runs a command detached from the connection, under the machine's lock, its output in a log on the machine. */

import type { RunResult } from '../../model/connection.ts';
import { Failure } from '../../model/failure.ts';
import { quote } from '../../model/quote.ts';
import { reveal } from '../../model/secret.ts';
import type { CommandAction, Step } from '../../model/step.ts';
import type { Machine } from '../machine.ts';
import { COMMAND, COMMAND_INSIDE, logDirectory, script } from '../machine-scripts.ts';
import { mustRun } from '../must-run.ts';
import { redact } from '../redact.ts';

/** STEP_FAILED with the last lines of the log and the hint. If the connection breaks, the command goes on; the next run waits for it. */
export async function runCommand(machine: Machine, step: Step, action: CommandAction): Promise<'changed' | 'unchanged'> {
  await machine.receipt.note({ kind: 'command', step: step.id });
  if (action.installs !== undefined) await machine.receipt.note({ kind: 'packages', names: action.installs });
  const stdin = action.stdin ?? '';
  const limit = action.timeoutSeconds;
  const argv = script(
    COMMAND,
    COMMAND_INSIDE,
    logName(step.id),
    String(Buffer.byteLength(reveal(stdin))),
    String(limit),
    String(limit),
    `${machine.operator}: ${step.title}`,
    quote(action.check),
    ...action.argv,
  );
  // Twice the limit: once for the lock, once for the command; two checks of a minute each; the rest is for a busy machine.
  const result = await mustRun(machine, step.title, argv, { stdin, timeoutSeconds: 2 * limit + 180 });
  return judge(machine, step, action, result);
}

/** The name of a step's log and of its files under /run/trivet. */
function logName(stepId: string): string {
  return stepId.replaceAll(/[^A-Za-z0-9._-]/g, '-');
}

function judge(machine: Machine, step: Step, action: CommandAction, { stdout }: RunResult): 'changed' | 'unchanged' {
  const [outcome = '', ...tail] = stdout.trimEnd().split('\n');
  if (outcome === 'already') return 'unchanged';
  if (outcome === 'done') return 'changed';
  const findings = tail.map((line) => redact(line, action.stdin)).filter((line) => line.trim() !== '');
  const details = {
    host: machine.connection.host.name,
    findings,
    log: `${machine.connection.host.name}:${logDirectory}/${logName(step.id)}.log`,
    ...(action.hint === undefined ? {} : { remedy: action.hint }),
  };
  if (findings.some((line) => /no space left on device/i.test(line))) {
    throw new Failure('DISK_FULL', `${step.title}: a disk is full`, {
      ...details,
      remedy: 'Free space there (df -h) and run the same command again.',
    });
  }
  throw new Failure('STEP_FAILED', `${step.title}: ${explain(outcome, action)}`, details);
}

/** A long script tells nobody anything; what it said is among the findings. */
function shortened(command: string): string {
  return command.length <= 200 ? command : `${command.slice(0, 197)}…`;
}

function explain(outcome: string, action: CommandAction): string {
  const [program = ''] = action.argv;
  if (outcome === 'unchecked') return `${program} ran, but its check still fails: ${shortened(quote(action.check))}`;
  if (outcome === 'expired') return `${program} was ended after ${action.timeoutSeconds} s`;
  if (outcome === 'locked') return `another command of trivet still runs there; waited ${action.timeoutSeconds} s for it`;
  if (outcome === 'truncated') return 'the connection broke before the command began; nothing was run';
  if (outcome === 'failed 137') return `${program} was killed: out of memory, or still there after ${action.timeoutSeconds} s`;
  if (outcome.startsWith('failed ')) return `${program} failed with exit status ${outcome.slice('failed '.length)}`;
  return `${program} was lost: the machine ended it`;
}
