import { describe, expect, it } from 'vitest';
import type { AgentLook } from '../agent/agent-look.ts';
import type { MachineLooks } from './machine-looks.ts';
import { vipEvents } from './vip-owners.ts';

/** `+100`: the look at 100 saw the address, the one 50 ms before did not; `-100`: the other way. */
function machine(name: string, heardMs: number, ...changes: readonly number[]): MachineLooks {
  const looks = changes.map((change): AgentLook => {
    const atMs = Math.abs(change);
    return { kind: 'holds', holds: change > 0, atMs, sinceMs: atMs - 50 };
  });
  return { machine: name, heardMs, errorMs: 2, looks };
}

describe('vipEvents', () => {
  it('a holder that dies keeps the address until another has it', () => {
    expect(vipEvents([machine('m1', 1000, 10), machine('m2', 9000, -10, 3000), machine('m3', 9000, -12)])).toEqual([
      { kind: 'vip', atMs: 10, owner: 'm1' },
      { kind: 'vip', atMs: 3000, owner: 'm2' },
    ]);
  });

  it('an address that is let go before another takes it is nobody’s in between', () => {
    expect(vipEvents([machine('m1', 9000, 10, -1000), machine('m2', 9000, -10, 1500)])).toEqual([
      { kind: 'vip', atMs: 10, owner: 'm1' },
      { kind: 'vip', atMs: 1000, owner: undefined },
      { kind: 'vip', atMs: 1500, owner: 'm2' },
    ]);
  });

  it('a change that two looks saw in the other order is one change', () => {
    expect(vipEvents([machine('m1', 9000, 10, -1040), machine('m2', 9000, -10, 1000)])).toEqual([
      { kind: 'vip', atMs: 10, owner: 'm1' },
      { kind: 'vip', atMs: 1000, owner: 'm2' },
    ]);
  });

  it('two machines that both had it for certain are both told, until one lets go', () => {
    expect(vipEvents([machine('m1', 9000, 10, -5000), machine('m2', 9000, -10, 1000)])).toEqual([
      { kind: 'vip', atMs: 10, owner: 'm1' },
      { kind: 'vip', atMs: 1000, owner: 'm2', owners: ['m1', 'm2'] },
      { kind: 'vip', atMs: 5000, owner: 'm2' },
    ]);
  });

  it('failback: the first one has it again', () => {
    const owners = vipEvents([machine('m1', 9000, 10, -1000, 6000), machine('m2', 9000, -10, 1010, -5990)]).map(({ owner }) => owner);
    expect(owners).toEqual(['m1', undefined, 'm2', undefined, 'm1']);
  });

  it('nobody has it, and nobody was asked', () => {
    expect(vipEvents([machine('m1', 9000, -10)])).toEqual([{ kind: 'vip', atMs: 10, owner: undefined }]);
    expect(vipEvents([])).toEqual([]);
  });
});
