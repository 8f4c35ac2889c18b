/** systemctl and the few other programs that the engine calls by name, as a fake machine carries them out. */

import { RELOAD_AND_SHOW, SET_UNIT } from '../../src/engine/machine-scripts.ts';
import type { RunResult } from '../../src/model/connection.ts';
import type { FakeUnit, MachineState } from './machine-state.ts';

/** undefined: argv is something else. */
export function runProgram(state: MachineState, argv: readonly string[]): Partial<RunResult> | undefined {
  const [program, verb, third, ...rest] = argv;
  if (program === 'journalctl') return { stdout: 'the journal of a fake machine\n' };
  if (program === 'true' && argv.length === 1) return {};
  if (program === 'cat' && verb === '--' && third !== undefined) {
    const file = state.files.get(third);
    return file === undefined ? { code: 1 } : { stdout: file.content };
  }
  if (program === 'systemctl' && verb === 'show') return show(state, argv.slice(2));
  if (program !== 'sh' || verb !== '-c') return undefined;
  const args = rest.slice(1);
  if (third === RELOAD_AND_SHOW) {
    state.calls.push('systemctl daemon-reload');
    return show(state, args);
  }
  return third === SET_UNIT ? setUnit(state, args) : undefined;
}

function show(state: MachineState, [property, dashes, ...names]: readonly string[]): Partial<RunResult> | undefined {
  if (property !== '--property=LoadState,UnitFileState,ActiveState' || dashes !== '--') return undefined;
  state.calls.push(`systemctl show ${names.join(' ')}`);
  return { stdout: names.map((name) => showUnit(state.units.get(name))).join('\n') };
}

function setUnit(state: MachineState, [name = '', mark = '', ...verbs]: readonly string[]): Partial<RunResult> {
  for (const verb of verbs) {
    const unit = state.units.get(name);
    if (unit === undefined) return { code: 5, stderr: `Unit ${name} not found.` };
    state.calls.push(`systemctl ${verb} ${name}`);
    state.changes.push(`systemctl ${verb} ${name}`);
    act(unit, verb);
  }
  if (mark !== '') state.files.delete(mark);
  return {};
}

function act(unit: FakeUnit, verb: string): void {
  if (verb === 'enable') unit.enabled = true;
  if (verb === 'disable') unit.enabled = false;
  if (verb === 'stop') unit.active = false;
  if (verb === 'restart' || verb === 'reload-or-restart' || (verb === 'start' && !unit.active)) {
    unit.active = true;
    unit.starts += 1;
  }
}

function showUnit(unit: FakeUnit | undefined): string {
  if (unit === undefined) return 'LoadState=not-found\nActiveState=inactive\nUnitFileState=\n';
  return `LoadState=loaded\nActiveState=${unit.active ? 'active' : 'inactive'}\nUnitFileState=${unit.enabled ? 'enabled' : 'disabled'}\n`;
}
