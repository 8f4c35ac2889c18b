import { describe, expect, it } from 'vitest';
import { simulatedStatus } from '../../test/browser/simulated-cluster.ts';
import { applyChange } from './page/apply-change.ts';
import type { View } from './page/page-data.ts';
import { statusChange } from './status-change.ts';

const empty: View = { cluster: 'rehearsal', scheme: '', look: {}, recordings: [] };

describe('statusChange', () => {
  it('is nothing when nothing differs', () => {
    expect(statusChange(simulatedStatus(), simulatedStatus())).toBeUndefined();
  });

  it('holds the machines that changed, and no others', () => {
    const change = statusChange(simulatedStatus({ workers: 97 }), simulatedStatus({ workers: 97, down: ['w5'] }));
    expect(change?.machines.map(({ name }) => name)).toEqual(['w5']);
    expect(Object.keys(change?.set ?? {})).toEqual(['healthy', 'problems']);
  });

  it('made to a view gives the new status: machines that come, go, or move included', () => {
    const steps = [
      simulatedStatus({ workers: 3 }),
      simulatedStatus({ workers: 1, holder: 'm2', down: ['m1'] }),
      simulatedStatus({ workers: 5 }),
      { ...simulatedStatus(), machines: simulatedStatus().machines.toReversed() },
    ];
    let view = empty;
    for (const status of steps) {
      const change = statusChange(view.status, status);
      // As it comes over the wire.
      if (change !== undefined) view = applyChange(view, JSON.parse(JSON.stringify({ kind: 'status', change })));
      expect(view.status).toEqual(JSON.parse(JSON.stringify(status)));
    }
  });
});
