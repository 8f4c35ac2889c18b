/** Before a drill: what is refused, with its reason; and quorum in words. */

import { describe, expect, it } from 'vitest';
import { fakeCluster, fakeDrill, fakeStatus, powerOff } from '../../../test/fake-drill/fake-drill.ts';
import type { Drill } from '../drills/drill.ts';
import { type PlanOptions, planDrill, undoWords } from './plan-drill.ts';
import { quorumLeft } from './quorum.ts';

const none: PlanOptions = { victim: undefined, holdSeconds: undefined, iMeanIt: false };
const twoDown = powerOff({
  name: 'two',
  expects: 'no-writes',
  choose: ({ cluster }) => ({ victims: cluster.hosts.slice(0, 2), because: 'are two' }),
});

function plan(drill: Drill, options: Partial<PlanOptions> = {}, status = fakeStatus(), whyNot?: string) {
  const { context, tools } = fakeDrill();
  return planDrill(drill, context, status, { ...none, ...options }, { ...tools, whyNotPossible: async () => whyNot });
}

describe('planDrill', () => {
  it('says on whom, why, for how long, and when the machine undoes it alone', async () => {
    const found = await plan(powerOff());
    expect(found).toMatchObject({ because: 'holds the VIP', fault: 'machine-power-off', holdSeconds: 10 });
    expect(found.victims.map(({ name }) => name)).toEqual(['m1']);
    expect(undoWords(found)).toBe('if this machine is lost meanwhile, m1 undoes it alone 130 s after it went in');
    expect(found.quorum).toBe('etcd has 3 members with a vote and 3 answer; without m1 2 of 3 would remain, quorum is 2: goes');
  });

  it('a cluster that is not healthy is refused with its problems', async () => {
    await expect(plan(powerOff(), {}, fakeStatus(fakeCluster, ['node m2 is NotReady']))).rejects.toMatchObject({
      code: 'DRILL_REFUSED',
      findings: ['node m2 is NotReady'],
    });
  });

  it('a drill that means nothing there, and a fault that is not possible there, are refused with the reason', async () => {
    await expect(plan(powerOff({ choose: () => ({ notHere: 'there is no VIP' }) }))).rejects.toMatchObject({
      message: 'machine-power-off was not begun: there is no VIP',
    });
    await expect(plan(powerOff(), {}, fakeStatus(), 'no power switch')).rejects.toMatchObject({ findings: ['m1: no power switch'] });
  });

  it('two masters down only with --i-mean-it', async () => {
    await expect(plan(twoDown)).rejects.toMatchObject({ code: 'DRILL_REFUSED', message: expect.stringContaining('1 of 3 would remain') });
    expect((await plan(twoDown, { iMeanIt: true })).quorum).toContain('no write would be taken');
  });

  it('what would cost the quorum without being meant to is refused, also with --i-mean-it', async () => {
    const { etcd, ...rest } = fakeStatus();
    const members = etcd.members.map((member) => ({ ...member, healthy: member.name !== 'm3' }));
    await expect(plan(powerOff(), { iMeanIt: true }, { ...rest, etcd: { ...etcd, members, healthy: 2 } })).rejects.toMatchObject({
      code: 'DRILL_REFUSED',
      message: expect.stringContaining('1 of 3 would remain'),
    });
  });

  it('--victim and --hold: another machine, another time; what makes no sense is refused', async () => {
    const other = await plan(powerOff(), { victim: 'm2', holdSeconds: 30 });
    expect(other).toMatchObject({ because: 'was named', holdSeconds: 30, limitSeconds: 150 });
    await expect(plan(powerOff(), { victim: 'm9' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(plan(twoDown, { victim: 'm1', iMeanIt: true })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(plan(powerOff({ holdSeconds: 0 }), { holdSeconds: 30 })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(plan(powerOff(), { holdSeconds: 5000 })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

it('quorumLeft: nothing is said where no member is taken', () => {
  const view = { cluster: fakeCluster, status: fakeStatus() };
  const worker = fakeCluster.hosts.filter(({ name }) => name === 'w1');
  expect(quorumLeft(powerOff(), worker, view)).toBeUndefined();
  expect(quorumLeft(powerOff({ act: { kind: 'fault', fault: 'kubelet-killed' } }), fakeCluster.hosts.slice(0, 1), view)).toBeUndefined();
});
