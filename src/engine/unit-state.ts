/** What systemd says about units, all of them in one run. */

import type { Machine } from './machine.ts';
import { mustRun } from './must-run.ts';

export interface UnitState {
  readonly exists: boolean;
  readonly enabled: boolean;
  /** False for units without an [Install] section: there is nothing to enable or disable. */
  readonly canEnable: boolean;
  /** A unit that systemd keeps trying to start counts as active: whether it serves is a wait's question. */
  readonly active: boolean;
  readonly failed: boolean;
}

/** In the order of the units: systemd prints one block each, whatever a unit's real name is. */
export async function readUnits(machine: Pick<Machine, 'connection' | 'signal'>, units: readonly string[]): Promise<readonly UnitState[]> {
  if (units.length === 0) return [];
  const argv = ['systemctl', 'show', '--property=LoadState,UnitFileState,ActiveState', '--', ...units];
  const { stdout } = await mustRun(machine, `ask systemd about ${units.join(', ')}`, argv);
  const blocks = stdout.trim().split(/\n\s*\n/);
  return units.map((_, index) => unitState(blocks[index] ?? ''));
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
