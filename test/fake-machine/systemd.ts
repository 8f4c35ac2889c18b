/** systemctl and the few other programs that the engine calls by name, as a fake machine carries them out. */

import type { RunResult } from '../../src/model/connection.ts';
import type { FakeUnit, MachineState } from './machine-state.ts';

/** undefined: argv is something else. */
export function runProgram(state: MachineState, argv: readonly string[]): Partial<RunResult> | undefined {
  const [program, verb, ...rest] = argv;
  const line = `run ${argv.join(' ')}`;
  if (program === 'journalctl') return { stdout: 'the journal of a fake machine\n' };
  if (program === 'rm' && verb === '-f' && rest[0] === '--') {
    state.calls.push(line);
    state.changes.push(line);
    for (const path of rest.slice(1)) state.files.delete(path);
    return {};
  }
  if (program !== 'systemctl' || verb === undefined) return undefined;
  if (verb === 'show') {
    if (rest[0] !== '--property=LoadState,UnitFileState,ActiveState' || rest[1] !== '--') return undefined;
    state.calls.push(line);
    return {
      stdout: rest
        .slice(2)
        .map((name) => show(state.units.get(name)))
        .join('\n'),
    };
  }
  if (!['daemon-reload', 'reset-failed', 'enable', 'disable', 'start', 'stop', 'restart'].includes(verb)) return undefined;
  state.calls.push(line);
  state.changes.push(line);
  for (const name of rest.filter((word) => word !== '--')) {
    const unit = state.units.get(name);
    if (unit === undefined) return { code: 5, stderr: `Unit ${name} not found.` };
    act(unit, verb);
  }
  return {};
}

function act(unit: FakeUnit, verb: string): void {
  if (verb === 'enable') unit.enabled = true;
  if (verb === 'disable') unit.enabled = false;
  if (verb === 'stop') unit.active = false;
  if (verb === 'restart' || (verb === 'start' && !unit.active)) {
    unit.active = true;
    unit.starts += 1;
  }
}

function show(unit: FakeUnit | undefined): string {
  if (unit === undefined) return 'LoadState=not-found\nActiveState=inactive\nUnitFileState=\n';
  return `LoadState=loaded\nActiveState=${unit.active ? 'active' : 'inactive'}\nUnitFileState=${unit.enabled ? 'enabled' : 'disabled'}\n`;
}
