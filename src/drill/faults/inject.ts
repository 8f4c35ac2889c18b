/** Puts a fault on a machine: asks whether it can be, lets the machine arm its own undo, and only then does it. */

import type { Connection } from '../../model/connection.ts';
import { Failure } from '../../model/failure.ts';
import { monotonicMs } from '../probes/monotonic.ts';
import { armUndo, undoUnit } from './arm-undo.ts';
import { effectMs } from './effect-time.ts';
import type { Injected, InjectInput, LabPower, MachineFault, PowerFault } from './fault.ts';
import { type HealInput, healNow } from './heal.ts';
import { faultHere, reasonAgainst } from './possible.ts';
import { prelude } from './shell-parts.ts';

/** How long after its own limit a machine that cannot be reached is waited for. */
const spareSeconds = 30;

/**
 * DRILL_FAULT: it was not put in, or was taken out again at once. Afterwards the machine undoes it after `limitSeconds` whatever
 * becomes of this process.
 */
export async function inject(input: InjectInput): Promise<Injected> {
  const { id, limitSeconds, signal } = input;
  if (!/^[A-Za-z0-9-]{1,64}$/.test(id)) throw new Failure('INTERNAL', `a drill cannot be named ${id}`);
  if (!Number.isInteger(limitSeconds) || limitSeconds < 1) throw new Failure('INTERNAL', `no time limit: ${limitSeconds} s`);
  signal.throwIfAborted();
  const fault = faultHere(input);
  if (fault.kind === 'machine') return onMachine(input, fault);
  if (input.power === undefined) throw refused(input, 'there is no power switch for it here');
  return byPower(input, fault, input.power);
}

async function onMachine(input: InjectInput, scripts: MachineFault): Promise<Injected> {
  const { id, fault, victim, connect, limitSeconds, signal } = input;
  const why = await reasonAgainst(scripts, input);
  if (why !== undefined) throw refused(input, why);
  const connection = await connect(victim, signal);
  const heal = healOnce(() => healNow(healInput));
  const healInput: HealInput = { id, fault, victim, connect, deadlineMs: monotonicMs() + (limitSeconds + spareSeconds) * 1000 };
  try {
    await armUndo(connection, { id, fault, scripts, limitSeconds }, signal);
    signal.throwIfAborted();
    return { atMs: await run(connection, input, scripts), heal };
  } catch (error) {
    // Of another drill's fault nothing is ours.
    await heal();
    throw error;
  }
}

/** Its own signal is not asked: it is short, and half a fault is worse than a whole one. */
async function run(connection: Connection, input: InjectInput, scripts: MachineFault): Promise<number> {
  const { id, fault, victim } = input;
  const sentMs = monotonicMs();
  const result = await connection.run(['sh', '-c', injectScript(id, scripts)], { timeoutSeconds: 60 }).catch((cause: unknown) => {
    const message = `nobody knows how far ${fault} got on ${victim.name}, so it was undone: ${cause instanceof Error ? cause.message : cause}`;
    throw new Failure('DRILL_FAULT', message, { host: victim.name, cause });
  });
  const receivedMs = monotonicMs();
  const { code, stdout, stderr } = result;
  if (code === 0) return effectMs({ sentMs, receivedMs, stdout }, 'effect');
  const said = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '' && !/^(begin|effect|end) \d+$/.test(line));
  throw new Failure(
    'DRILL_FAULT',
    `${fault} could not be put on ${victim.name}: ${said.at(-1) ?? `exit ${code}`}; what was done is undone`,
    {
      host: victim.name,
      findings: said.slice(-3),
    },
  );
}

function injectScript(id: string, { inject: script }: MachineFault): string {
  return `${prelude(id)}systemctl is-active --quiet ${undoUnit(id)}.timer || { echo 'its undo is not armed any more'; exit 1; }
echo "begin $(date +%s%N)"
(
${script}
)
code=$?
echo "end $(date +%s%N)"
exit $code
`;
}

async function byPower(input: InjectInput, { power }: PowerFault, switches: LabPower): Promise<Injected> {
  const { victim, fault, limitSeconds, signal } = input;
  const { actedAtMs, undo } = await switches.act(power, victim.name, { limitSeconds, signal });
  const heal = healOnce(async () => {
    try {
      await undo();
      return { atMs: monotonicMs() };
    } catch (cause) {
      const words = cause instanceof Error ? cause.message : String(cause);
      throw new Failure('DRILL_HEAL', `${fault} is not proved to be gone from ${victim.name}: ${words}`, {
        host: victim.name,
        cause,
        remedy: `trivet lab power on ${victim.name} --name ${input.view.cluster.lab ?? 'LAB'}`,
      });
    }
  });
  // Whoever waits for it is told how it ended; it is tried again then.
  if (fault === 'machine-reboot') heal().catch(() => undefined);
  return { atMs: actedAtMs, heal };
}

/** Once healed it stays so: called again it tells the same. Calls at the same time share one. */
function healOnce(heal: () => Promise<{ readonly atMs: number }>): Injected['heal'] {
  let healing: Promise<{ readonly atMs: number }> | undefined;
  return () => {
    healing ??= heal().catch((error: unknown) => {
      healing = undefined;
      throw error;
    });
    return healing;
  };
}

function refused({ fault, victim }: InjectInput, why: string): Failure {
  return new Failure('DRILL_FAULT', `${fault} was not put on ${victim.name}: ${why}`, { host: victim.name });
}
