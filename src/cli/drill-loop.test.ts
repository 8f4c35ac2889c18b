/** Several drills, one after another: lock, look, refusals, and when the rest is not run. */

import { describe, expect, it } from 'vitest';
import { type FakeOptions, fakeDrill, interrupted, powerOff } from '../../test/fake-drill/fake-drill.ts';
import { masters } from '../model/cluster.ts';
import { Failure } from '../model/failure.ts';
import { lockForDrill } from './drill-lock.ts';
import { drillLoop, type LoopInput } from './drill-loop.ts';
import { exitStatus, summaryMarkdown, summaryRow, summaryText } from './drill-summary.ts';

function loop(options: FakeOptions = {}, more: Partial<LoopInput> = {}) {
  const fake = fakeDrill(options);
  let ids = 0;
  const locks: string[] = [];
  const input: LoopInput = {
    drills: [powerOff(), powerOff({ name: 'again' })],
    context: fake.context,
    tools: fake.tools,
    plan: { victim: undefined, holdSeconds: undefined, iMeanIt: false },
    budgets: new Map(),
    patience: { idleMs: 3000, pingMs: 3000 },
    lock: async () => {
      locks.push('taken');
      return { lost: () => new Promise(() => undefined), release: async () => void locks.push('released') };
    },
    abort: () => undefined,
    newId: () => `d${ids++}`,
    told: () => undefined,
    ...more,
  };
  return { fake, locks, run: () => drillLoop(input) };
}

describe('drillLoop', { timeout: 60_000 }, () => {
  it('runs one after another, each under the lock; one that is refused leaves the others', async () => {
    const refusing = powerOff({ name: 'never', choose: () => ({ notHere: 'there is no VIP' }) });
    const { run, locks } = loop({}, { drills: [refusing, powerOff()] });
    const { outcomes, stopped } = await run();
    const rows = outcomes.map(summaryRow);
    expect(stopped).toBeUndefined();
    expect(locks).toEqual(['taken', 'released', 'taken', 'released']);
    expect(rows.map(({ drill, result }) => `${drill} ${result}`)).toEqual(['never refused', 'machine-power-off pass']);
    expect(exitStatus(rows)).toBe(3);
    expect(exitStatus(rows.slice(1))).toBe(0);
    expect(summaryText(rows)).toMatch(/machine-power-off +m1 +pass +0\.\d\d s +0 of \d+ +0\.\d s\n/);
    expect(summaryText(rows)).toContain('never (refused): never was not begun: there is no VIP');
    expect(summaryMarkdown(rows)).toContain('| machine-power-off | m1 | pass |');
  });

  it('a lost write: exit 1', async () => {
    const { outcomes } = await loop({ losesWrites: true }, { drills: [powerOff()] }).run();
    const [row] = outcomes.map(summaryRow);
    expect(row).toMatchObject({ result: 'fail' });
    expect(row?.writesLost).toBeGreaterThan(0);
    expect(exitStatus(outcomes.map(summaryRow))).toBe(1);
  });

  it('a fault that is still in from another drill, and a cluster that is broken: refused, nothing is put in', async () => {
    const { fake } = loop();
    const left = await loop({}, { tools: { ...fake.tools, faultsLeftOn: async () => ['machine-deaf of drill d9 is on m2'] } }).run();
    expect(summaryRow(left.outcomes[0] ?? { kind: 'skipped', drill: '', reason: '' }).reasons).toContain(
      'machine-deaf of drill d9 is on m2',
    );
    const broken = loop({ problems: [['node m3 is NotReady']] }, { drills: [powerOff()] });
    expect((await broken.run()).outcomes.map((one) => one.kind)).toEqual(['refused']);
    expect(broken.fake.calls).toEqual(['look']);
  });

  it('Ctrl-C, a fault that cannot be healed, another operator: the rest is not run', async () => {
    const stopped = loop({ abortAt: 'inject m1' });
    expect(await stopped.run()).toMatchObject({ outcomes: [], stopped: interrupted });
    expect(stopped.locks).toEqual(['taken', 'released']);
    expect(stopped.fake.inside.size).toBe(0);
    const left = new Failure('DRILL_HEAL', 'still in');
    expect(await loop({ failures: { 'heal m1': left } }).run()).toMatchObject({ outcomes: [], stopped: left });
    const locked = new Failure('LOCKED', 'somebody');
    expect(await loop({}, { lock: () => Promise.reject(locked) }).run()).toMatchObject({ outcomes: [], stopped: locked });
  });
});

describe('lockForDrill', () => {
  const { cluster, context } = fakeDrill();
  const names = masters(cluster).map(({ name }) => name);

  function locked(failing?: string) {
    const released: string[] = [];
    const lose = new Map<string, (failure: Failure) => void>();
    const taken = lockForDrill({ cluster, connect: context.connect, operator: 'me', signal: context.signal }, async ({ hosts }) => {
      const name = hosts[0]?.name ?? '';
      if (name === failing) throw new Failure('LOCKED', 'somebody is working on this cluster');
      return { lost: new Promise<Failure>((resolve) => lose.set(name, resolve)), release: async () => void released.push(name) };
    });
    return { taken, released, lose: (name: string) => lose.get(name)?.(new Failure('CONNECTION_LOST', name)) };
  }
  const settled = (lost: Promise<Failure>) =>
    Promise.race([lost.then(() => true), new Promise((resolve) => setTimeout(resolve, 20, false))]);

  it('a victim’s lock may be lost, and others as long as one is left', async () => {
    const { taken, lose } = locked();
    const lost = (await taken).lost(['m1']);
    lose('m1');
    lose('m2');
    expect(await settled(lost)).toBe(false);
    lose('m3');
    expect(await settled(lost)).toBe(true);
    expect(await settled((await taken).lost(names))).toBe(false);
  });

  it('when one is somebody else’s, those that were taken are given back', async () => {
    const { taken, released } = locked('m2');
    await expect(taken).rejects.toMatchObject({ code: 'LOCKED' });
    expect(released).toEqual(['m1']);
  });
});
