/** A drill from its plan to its verdict, on fakes: the order of things, and that no fault stays in whatever happens. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FakeDrill, type FakeOptions, fakeDrill, interrupted, powerOff } from '../../../test/fake-drill/fake-drill.ts';
import { Failure } from '../../model/failure.ts';
import type { Drill } from '../drills/drill.ts';
import { readRecording } from '../recording/read-recording.ts';
import { planDrill } from './plan-drill.ts';
import { type DrillResult, runDrill } from './run-drill.ts';

const options = { id: 'd1', budgets: new Map<string, number>(), patience: { idleMs: 3000, pingMs: 3000 } };

async function run(fake: FakeDrill, drill: Drill = powerOff()): Promise<DrillResult> {
  const plan = await planDrill(drill, fake.context, fake.status, { victim: undefined, holdSeconds: undefined, iMeanIt: true }, fake.tools);
  return runDrill(plan, fake.context, options, fake.tools);
}

async function failed(fake: FakeDrill, drill?: Drill): Promise<unknown> {
  return run(fake, drill).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const twoDown = powerOff({
  name: 'two-masters-down',
  group: 'quorum',
  expects: 'no-writes',
  choose: ({ cluster }) => ({ victims: cluster.hosts.slice(0, 2), because: 'are two of three' }),
});
const rolling = powerOff({
  name: 'rolling-update',
  group: 'application',
  act: { kind: 'exercise', exercise: 'rolling-update', masterDown: false },
  holdSeconds: 0,
  choose: () => ({ victims: [], because: 'all machines stay up' }),
});
const rollingWithoutMaster = {
  ...rolling,
  act: { kind: 'exercise', exercise: 'rolling-update', masterDown: true },
  choose: powerOff().choose,
} as const;

describe('runDrill', { timeout: 60_000 }, () => {
  it('a run that goes well passes by its recording alone, and does things in their order', async () => {
    const fake = fakeDrill();
    const { judged, recording, victims } = await run(fake);
    expect(judged.verdict.reasons.filter(({ verdict }) => verdict !== 'note')).toEqual([]);
    expect(judged.verdict.result).toBe('pass');
    expect(victims).toEqual(['m1']);
    expect(fake.calls).toEqual([
      'list namespaces',
      'create namespaces',
      'agent m1',
      'agent m2',
      'agent m3',
      'agent w1',
      'probes',
      'inject m1',
      'heal m1',
      'look',
      'stop probes',
      'stop m1',
      'stop m2',
      'stop m3',
      'stop w1',
      'read back',
      'delete namespace',
    ]);
    expect(readdirSync(fake.context.recordings)).toEqual([recording.slice(fake.context.recordings.length + 1)]);
  });

  it('the recording says what was done, how well clocks are known, and nothing from before its start', async () => {
    const { recording } = await run(fakeDrill());
    const { header, lines, defects, footer } = await readRecording(recording);
    expect(defects).toEqual([]);
    expect(footer).toMatchObject({ complete: true });
    expect(header).toMatchObject({
      drill: 'machine-power-off',
      fault: 'machine-power-off of m1',
      clocks: [{ from: 'm1' }, { from: 'm2' }, { from: 'm3' }, { from: 'w1' }],
    });
    // The victim's own clients could only say that their machine is off.
    expect(header.probes.some(({ from }) => from === 'm1')).toBe(false);
    expect(header.probes).toContainEqual({ probe: 'watch', from: 'w1' });
    expect(lines.flatMap(({ event }) => (event.kind === 'fault' ? [`${event.state} ${event.host}`] : []))).toEqual([
      'injected m1',
      'healed m1',
    ]);
    expect(lines.every(({ event }) => (event.kind === 'probe' ? event.startedMs : event.atMs) >= 0)).toBe(true);
    expect(lines[0]?.event).toMatchObject({ kind: 'health', healthy: true });
  });

  it('an acknowledged write that is not there afterwards fails it', async () => {
    const { judged } = await run(fakeDrill({ losesWrites: true }));
    expect(judged.verdict.result).toBe('fail');
    expect(judged.verdict.reasons[0]?.text).toContain('acknowledged writes from outside lost');
  });

  it('a gap over budget fails it, and the user’s own budget counts', async () => {
    expect((await run(fakeDrill({ outageMs: 3000 }))).judged.verdict.result).toBe('fail');
    const fake = fakeDrill();
    const plan = await planDrill(
      powerOff(),
      fake.context,
      fake.status,
      { victim: undefined, holdSeconds: undefined, iMeanIt: false },
      fake.tools,
    );
    const strict = await runDrill(plan, fake.context, { ...options, budgets: new Map([['new-connections', 100]]) }, fake.tools);
    expect(strict.judged.verdict.result).toBe('fail');
  });

  it('is looked at until it is whole, and fails when it does not become so', async () => {
    const fake = fakeDrill({ problems: [['node m1 is NotReady'], ['node m1 is NotReady'], []] });
    expect((await run(fake)).judged.verdict.result).toBe('pass');
    expect(fake.calls.filter((call) => call === 'look')).toHaveLength(3);
    const broken = await run(fakeDrill({ problems: [['node m1 is NotReady']] }));
    expect(broken.judged.verdict.reasons.map(({ rule }) => rule)).toContain('broken-after');
  });

  it('two masters down: one comes back, writes are served again, then the other', async () => {
    const fake = fakeDrill();
    const { judged } = await run(fake, twoDown);
    expect(judged.verdict.reasons.filter(({ verdict }) => verdict !== 'note')).toEqual([]);
    expect(fake.calls.filter((call) => /^(inject|heal)/.test(call))).toEqual(['inject m1', 'inject m2', 'heal m1', 'heal m2']);
    const faults = judged.recording.lines.flatMap(({ event }) => (event.kind === 'fault' ? [event] : []));
    const healed = faults.filter(({ state }) => state === 'healed');
    expect((healed[1]?.atMs ?? 0) - (healed[0]?.atMs ?? 0)).toBeGreaterThan(1000);
  });

  it('two masters down: the first is healed when the second cannot be put in', async () => {
    const fake = fakeDrill({ failures: { 'inject m2': new Error('no switch') } });
    expect(await failed(fake, twoDown)).toMatchObject({ message: 'no switch' });
    expect(fake.inside.size).toBe(0);
  });

  it('an exercise: its application is there before the clients, and taken away after them', async () => {
    const fake = fakeDrill();
    const { judged } = await run(fake, rolling);
    expect(judged.verdict.reasons.filter(({ verdict }) => verdict !== 'note')).toEqual([]);
    const order = fake.calls.filter((call) => /install|agent w1|exercise|stop w1|remove|inject/.test(call));
    expect(order).toEqual(['install', 'agent w1', 'exercise rolling-update', 'stop w1', 'remove application']);
    expect(judged.recording.header.probes).toContainEqual({ probe: 'dns', from: 'w1', everyMs: 50 });
  });

  it('an exercise with a master down: that master goes first and comes back last', async () => {
    const fake = fakeDrill();
    await run(fake, rollingWithoutMaster);
    expect(fake.calls.filter((call) => /inject|exercise|heal/.test(call))).toEqual(['inject m1', 'exercise rolling-update', 'heal m1']);
  });

  it('clients that are never served: no fault is put in', async () => {
    const fake = fakeDrill({ dead: true });
    expect(await failed(fake)).toMatchObject({ code: 'DRILL_NOT_SERVED' });
    expect(fake.calls).not.toContain('inject m1');
    expect(fake.calls).toContain('stop w1');
    expect(fake.calls.at(-1)).toBe('delete namespace');
  });

  it('the clients’ own process dies while the fault is in: healed at once, and the drill proves nothing', async () => {
    const fake = fakeDrill();
    let die: (value: unknown) => void = () => undefined;
    const startProbes: typeof fake.tools.startProbes = (plan) => {
      const probes = fake.tools.startProbes(plan);
      const ended = new Promise((resolve) => {
        die = resolve;
      });
      return {
        get events() {
          return probes.events;
        },
        ended,
        stop: probes.stop,
      };
    };
    const inject: typeof fake.tools.inject = (input) => {
      die(1);
      return fake.tools.inject(input);
    };
    expect(await failed({ ...fake, tools: { ...fake.tools, startProbes, inject } })).toMatchObject({ code: 'INTERNAL' });
    expect(fake.inside.size).toBe(0);
  });

  it('a fault that cannot be healed is tried again, and told before anything else', async () => {
    const left = new Failure('DRILL_HEAL', 'still there');
    const fake = fakeDrill({ failures: { 'heal m1': left } });
    expect(await failed(fake)).toBe(left);
    expect(fake.calls.filter((call) => call === 'heal m1')).toHaveLength(3);
  });

  const moments: readonly (readonly [Drill, FakeOptions['abortAt'] | undefined])[] = [
    ...['list namespaces', 'create namespaces', 'agent m2', 'inject m1', 'heal m1', 'look', 'stop m2'].map(
      (at) => [powerOff(), at] as const,
    ),
    ...[500, 2000, 6000, 12_000, 15_000].map((at) => [powerOff(), at] as const),
    ...['inject m2', 'heal m1', 8000, 16_000].map((at) => [twoDown, at] as const),
    ...['install', 'exercise rolling-update', 'inject m1', 5000].map((at) => [rollingWithoutMaster, at] as const),
  ];

  it.each(moments)('%o stopped by Ctrl-C at %s: nothing stays in', async (drill, abortAt) => {
    const fake = fakeDrill(abortAt === undefined ? {} : { abortAt });
    const error = await failed(fake, drill);
    expect(fake.inside.size).toBe(0);
    expect(fake.calls.filter((call) => call.startsWith('inject')).length).toBeLessThanOrEqual(
      fake.calls.filter((call) => call.startsWith('heal')).length,
    );
    expect(fake.agents.size).toBe(0);
    expect(fake.calls).toContain('delete namespace');
    // Once all is healed and the clients are stopped, what is left to do is done.
    if (abortAt !== 'stop m2') expect(error).toBe(interrupted);
    for (const name of readdirSync(fake.context.recordings)) {
      expect(name).toMatch(/\.ndjson\.gz$/);
      if (error === interrupted) {
        const { footer, defects } = await readRecording(join(fake.context.recordings, name));
        expect(footer?.complete).toBe(false);
        expect(defects).toHaveLength(1);
      }
    }
  });

  it.each(['agent m3', 'inject m1', 'exercise rolling-update', 'read back', 'look', 'stop m2', 'stop probes'])(
    'whatever breaks (%s), the fault is healed and all is taken away',
    async (call) => {
      const fake = fakeDrill({ failures: { [call]: new Failure('KUBERNETES_UNREACHABLE', 'broken') } });
      await failed(fake, rollingWithoutMaster);
      expect(fake.inside.size).toBe(0);
      expect(fake.calls).toContain('remove application');
      expect(fake.calls.at(-1)).toBe('delete namespace');
    },
  );
});
