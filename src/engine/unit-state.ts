/** What systemd says about units, all of them in one run. */

import { RELOAD_AND_SHOW, script } from './machine-scripts.ts';

export interface UnitState {
  readonly exists: boolean;
  readonly enabled: boolean;
  /** False for units without an [Install] section: there is nothing to enable or disable. */
  readonly canEnable: boolean;
  /** A unit that systemd keeps trying to start counts as active: whether it serves is a wait's question. */
  readonly active: boolean;
  readonly failed: boolean;
}

/** The command that asks; reload: systemd reads the units' files again first. */
export function unitsArgv(units: readonly string[], { reload }: { readonly reload: boolean }): readonly string[] {
  const question = ['--property=LoadState,UnitFileState,ActiveState', '--', ...units];
  return reload ? script(RELOAD_AND_SHOW, ...question) : ['systemctl', 'show', ...question];
}

/** In the order of the units: systemd prints one block each, whatever a unit's real name is. */
export function parseUnits(stdout: string, units: readonly string[]): ReadonlyMap<string, UnitState> {
  const blocks = stdout.trim().split(/\n\s*\n/);
  return new Map(units.map((unit, index) => [unit, unitState(blocks[index] ?? '')]));
}

function unitState(block: string): UnitState {
  const properties = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).trim()]));
  const file = properties.get('UnitFileState') ?? '';
  const state = properties.get('ActiveState') ?? '';
  return {
    exists: properties.get('LoadState') !== 'not-found',
    enabled: file === 'enabled' || file === 'enabled-runtime',
    canEnable: !['static', 'indirect', 'generated', 'transient', 'alias'].includes(file),
    active: ['active', 'activating', 'reloading'].includes(state),
    failed: state === 'failed',
  };
}
