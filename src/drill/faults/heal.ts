/** Ends a fault early, over whatever connection there is; where there is none, waits until the machine has done it by itself. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Connect } from '../../model/connection.ts';
import { Failure } from '../../model/failure.ts';
import type { Host } from '../../model/host.ts';
import { monotonicMs } from '../probes/monotonic.ts';
import { undoUnit } from './arm-undo.ts';
import { effectMs } from './effect-time.ts';
import type { FaultName } from './fault.ts';
import { drillDirectory, healedNote } from './shell-parts.ts';

export interface HealInput {
  readonly id: string;
  readonly fault: FaultName;
  readonly victim: Host;
  readonly connect: Connect;
  /** Of this process's monotonic clock: by then the machine has undone it by itself. */
  readonly deadlineMs: number;
}

const pauseMs = 500;

/** DRILL_HEAL after the deadline: what is left, and how it is undone by hand. `atMs` is when the fault ended, also where the machine ended it. */
export async function healNow(input: HealInput): Promise<{ readonly atMs: number }> {
  const { id, fault, victim, connect, deadlineMs } = input;
  let left: unknown;
  do {
    try {
      const connection = await connect(victim, AbortSignal.timeout(15_000));
      const sentMs = monotonicMs();
      const { code, stdout, stderr } = await connection.run(['sh', '-c', healScript(id)], { timeoutSeconds: 45 });
      const receivedMs = monotonicMs();
      if (code === 0) return { atMs: effectMs({ sentMs, receivedMs, stdout }, 'healed') };
      left = (stdout || stderr).trim().split('\n').at(-1);
    } catch (error) {
      left = error;
    }
    await delay(pauseMs);
  } while (monotonicMs() < deadlineMs);
  throw notHealed(fault, victim, id, left);
}

/** What the machine has undone by itself it has noted. */
function healScript(id: string): string {
  return `echo "begin $(date +%s%N)"
if [ -e ${drillDirectory(id)}/undo ]; then sh ${drillDirectory(id)}/undo operator || exit 1; fi
cat ${healedNote(id)} 2> /dev/null
rm -f ${healedNote(id)}
if systemctl is-active --quiet ${undoUnit(id)}.timer; then echo 'its timer is still armed'; exit 1; fi
echo "now $(date +%s%N)"
`;
}

/** As a person would type it. */
export function undoByHand({ ssh: { user, port }, address }: Host, id: string): string {
  const sudo = user === 'root' ? '' : 'sudo ';
  return `ssh ${port === 22 ? '' : `-p ${port} `}${user}@${address} ${sudo}sh ${drillDirectory(id)}/undo`;
}

function notHealed(fault: FaultName, victim: Host, id: string, left: unknown): Failure {
  const words = left instanceof Error ? left.message : String(left ?? 'it does not answer');
  return new Failure('DRILL_HEAL', `${fault} is not proved to be gone from ${victim.name}: ${words}`, {
    host: victim.name,
    remedy: `Undo it by hand: ${undoByHand(victim, id)}. If the machine cannot be reached, do the same at its console, or reboot it.`,
    ...(left instanceof Error ? { cause: left } : {}),
  });
}
