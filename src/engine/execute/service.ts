/** Brings a systemd unit to its wanted state, with the restart that a changed file left pending. */

import { Failure } from '../../model/failure.ts';
import { receiptDirectory } from '../../model/receipt.ts';
import type { ServiceAction } from '../../model/step.ts';
import { serviceDone } from '../check.ts';
import { lookArgv, parseLook } from '../look.ts';
import type { Machine } from '../machine.ts';
import { SET_UNIT, script } from '../machine-scripts.ts';
import { redact } from '../redact.ts';
import { runTogether } from '../together.ts';
import { parseUnits, type UnitState, unitsArgv } from '../unit-state.ts';

/** Units are asked again here: what the steps before changed may have made or started them. */
export async function setService(machine: Machine, action: ServiceAction): Promise<'changed' | 'unchanged'> {
  const { unit } = action;
  const ask = [unitsArgv([unit], { reload: machine.units.stale }), lookArgv({ hashed: [], plain: [] })];
  const [units, files] = await runTogether(machine, `ask systemd about ${unit}`, ask);
  if (units?.code === 0) machine.units.stale = false;
  const state = parseUnits(units?.stdout ?? '', [unit]).get(unit);
  const restart = parseLook(files?.stdout ?? '').restarts.has(unit);
  if (serviceDone(action, state, restart)) return 'unchanged';
  if (state?.exists !== true) throw new Failure('STEP_FAILED', `systemd knows no unit ${unit}`, { host: machine.connection.host.name });
  if ((await machine.receipt.about({ kind: 'service', key: unit })) === undefined) {
    await machine.receipt.note({ kind: 'service', unit, wasEnabled: state.enabled, wasActive: state.active });
  }
  await setUnit(machine, unit, verbsFor(action, state, restart), restart ? `${receiptDirectory}/restart/${unit}` : '');
  return 'changed';
}

/** What systemctl is asked to do, in this order. */
function verbsFor(action: ServiceAction, state: UnitState, restart: boolean): readonly string[] {
  const verbs: string[] = [];
  if (state.canEnable && state.enabled !== action.enabled) verbs.push(action.enabled ? 'enable' : 'disable');
  // A unit that failed too often in too short a time refuses to start until this.
  if (action.active && state.failed) verbs.push('reset-failed');
  // Where nothing is said of running, a unit that runs goes on, with its new files.
  const wanted = action.active ?? state.active;
  if (wanted && restart) verbs.push(action.reloads ? 'reload-or-restart' : 'restart');
  else if (wanted && !state.active) verbs.push('start');
  else if (!wanted && state.active) verbs.push('stop');
  return verbs;
}

/** STEP_FAILED with the unit's last lines in the journal. */
async function setUnit(machine: Machine, unit: string, verbs: readonly string[], mark: string): Promise<void> {
  const { connection, signal } = machine;
  const result = await connection.run(script(SET_UNIT, unit, mark, ...verbs), { signal, timeoutSeconds: 240 });
  if (result.code === 0) return;
  const host = connection.host.name;
  const journal = await connection.run(['journalctl', '--no-pager', '--lines=15', '--output=cat', '--unit', unit], { signal });
  throw new Failure('STEP_FAILED', `systemctl ${verbs.join(', ')} ${unit}: ${result.stderr.trim() || `exit status ${result.code}`}`, {
    host,
    findings: journal.stdout.split('\n').flatMap((line) => (line.trim() === '' ? [] : [redact(line)])),
    remedy: `On ${host}: systemctl status ${unit}; journalctl -u ${unit}`,
  });
}
