/** Brings a systemd unit to its wanted state, with the restart that a changed file left pending. */

import { Failure } from '../../model/failure.ts';
import { receiptDirectory } from '../../model/receipt.ts';
import type { ServiceAction } from '../../model/step.ts';
import { serviceDone } from '../check.ts';
import { look } from '../look.ts';
import type { Machine } from '../machine.ts';
import { mustRun } from '../must-run.ts';
import { readUnits } from '../unit-state.ts';

/** Units are asked again here: what the steps before changed may have made or started them. */
export async function setService(machine: Machine, action: ServiceAction): Promise<'changed' | 'unchanged'> {
  const { unit } = action;
  if (machine.units.stale) {
    await mustRun(machine, 'systemctl daemon-reload', ['systemctl', 'daemon-reload']);
    machine.units.stale = false;
  }
  const [[state], { restarts }] = await Promise.all([readUnits(machine, [unit]), look(machine, { hashed: [], plain: [] })]);
  const restart = restarts.has(unit);
  if (serviceDone(action, state, restart)) return 'unchanged';
  if (state?.exists !== true && (action.active || action.enabled)) {
    throw new Failure('STEP_FAILED', `systemd knows no unit ${unit}`, { host: machine.connection.host.name });
  }
  if ((await machine.receipt.about({ kind: 'service', key: unit })) === undefined) {
    await machine.receipt.note({ kind: 'service', unit, wasEnabled: state?.enabled ?? false, wasActive: state?.active ?? false });
  }
  if (state?.canEnable === true && state.enabled !== action.enabled) await systemctl(machine, action.enabled ? 'enable' : 'disable', unit);
  // A unit that failed too often in too short a time refuses to start until this.
  if (action.active && state?.failed === true) await systemctl(machine, 'reset-failed', unit);
  // A unit whose state is left alone is restarted only where it runs.
  if (restart && (action.active ?? state?.active)) await systemctl(machine, 'restart', unit);
  else if (action.active && state?.active !== true) await systemctl(machine, 'start', unit);
  else if (action.active === false && state?.active === true) await systemctl(machine, 'stop', unit);
  if (restart) await mustRun(machine, `clear the pending restart of ${unit}`, ['rm', '-f', '--', `${receiptDirectory}/restart/${unit}`]);
  return 'changed';
}

/** STEP_FAILED with the unit's last lines in the journal. */
async function systemctl(machine: Machine, verb: string, unit: string): Promise<void> {
  const { connection, signal } = machine;
  const result = await connection.run(['systemctl', verb, '--', unit], { signal, timeoutSeconds: 180 });
  if (result.code === 0) return;
  const host = connection.host.name;
  const journal = await connection.run(['journalctl', '--no-pager', '--lines=15', '--output=cat', '--unit', unit], { signal });
  throw new Failure('STEP_FAILED', `systemctl ${verb} ${unit}: ${result.stderr.trim() || `exit status ${result.code}`}`, {
    host,
    findings: journal.stdout.split('\n').filter((line) => line.trim() !== ''),
    remedy: `On ${host}: systemctl status ${unit}; journalctl -u ${unit}`,
  });
}
