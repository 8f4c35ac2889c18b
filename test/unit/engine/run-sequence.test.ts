/** Whole sequences on fake machines: what is done, in which order, what a crash at any point leaves, what a second run does. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/engine/clock.ts';
import { type RunSequenceInput, runSequence } from '../../../src/engine/run-sequence.ts';
import type { Connection } from '../../../src/model/connection.ts';
import type { EventBody } from '../../../src/model/event.ts';
import { Failure } from '../../../src/model/failure.ts';
import type { Sequence } from '../../../src/model/phase.ts';
import { receiptPath } from '../../../src/model/receipt.ts';
import { crashing } from '../../fake-machine/crash.ts';
import { connectTo, type FakeMachine, fakeHost, fakeMachine } from '../../fake-machine/fake-machine.ts';
import { digest } from '../../fake-machine/machine-state.ts';
import { phase, smallCluster, smallMachine, smallSequence } from '../../fake-machine/small-sequence.ts';

let directory = '';
let sequence: Sequence;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trivet-engine-'));
  const source = join(directory, 'thing');
  await writeFile(source, 'the binary');
  sequence = smallSequence({ source, sha256: digest('the binary'), bytes: 10 });
});

afterAll(() => rm(directory, { recursive: true }));

const hastyClock = (): Clock => {
  let now = 0;
  return {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
  };
};

async function run(machines: readonly Connection[], more: Partial<RunSequenceInput> = {}) {
  const events: EventBody[] = [];
  const outcome = await runSequence({
    sequence,
    cluster: smallCluster(machines.map((machine) => machine.host)),
    connect: connectTo(...machines),
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    mode: 'apply',
    operator: 'tester@here',
    clock: hastyClock(),
    ...more,
  }).catch((error: unknown) => error);
  return { outcome, events, steps: (state: string) => events.flatMap((e) => (e.kind === 'step' && e.state === state ? [e.step] : [])) };
}

/** What a machine is to users: everything but the engine's own notes. */
function visible(machine: FakeMachine) {
  const files = [...machine.files].filter(([path]) => !path.startsWith('/var/lib/trivet'));
  return {
    files: Object.fromEntries(files.map(([path, { content, mode, owner, target }]) => [path, { content, mode, owner, target }])),
    units: Object.fromEntries([...machine.units].map(([name, { enabled, active }]) => [name, { enabled, active }])),
  };
}

describe('runSequence on one machine', () => {
  test('brings every kind of step about, in order', async () => {
    const machine = smallMachine();
    const { outcome, steps } = await run([machine]);
    expect(outcome).toMatchObject({ changed: 9 });
    expect(steps('changed')).toEqual([
      'runtime/unit',
      'runtime/config',
      'runtime/key',
      'runtime/hosts',
      'runtime/binary',
      'runtime/alias',
      'runtime/old',
      'runtime/service',
      'bootstrap/init',
    ]);
    expect(visible(machine)).toMatchSnapshot();
  });

  test('a second run changes nothing', async () => {
    const machine = smallMachine();
    await run([machine]);
    machine.changes.length = 0;
    const { outcome, steps } = await run([machine]);
    expect(outcome).toMatchObject({ changed: 0 });
    expect(steps('unchanged')).toHaveLength(10);
    expect(machine.changes).toEqual([]);
  });

  test('plan mode says what apply would do and changes nothing', async () => {
    const machine = smallMachine();
    const { outcome, steps } = await run([machine], { mode: 'plan' });
    expect(machine.changes).toEqual([]);
    expect(steps('planned')).toHaveLength(10);
    expect(outcome).toMatchObject({ changed: 0, planned: steps('planned').map((id) => ({ id })) });
  });

  test('every change is in the receipt before it is made', async () => {
    const machine = smallMachine();
    await run([machine]);
    const at = (line: string) => machine.changes.indexOf(line);
    for (const path of ['/etc/thing.conf', '/etc/thing.key', '/etc/systemd/system/thing.service']) {
      expect(at(`record ${path}`)).toBeGreaterThanOrEqual(0);
      expect(at(`record ${path}`)).toBeLessThan(at(`write ${path}`));
    }
    expect(at('record /usr/local/bin/thing')).toBeLessThan(at('upload /usr/local/bin/thing'));
    expect(at('record thing.service')).toBeLessThan(at('systemctl enable thing.service'));
    expect(at('record bootstrap/init')).toBeLessThan(at('command thingadm init --yes'));
    expect(machine.files.get(receiptPath)?.content.trim().split('\n')).toHaveLength(8);
    expect(machine.files.get(receiptPath)?.content).not.toContain('hush-hush');
  });

  test('the original of a foreign file is kept, and not replaced by what trivet wrote', async () => {
    const machine = smallMachine();
    await run([machine]);
    machine.put('/etc/thing.conf', { content: 'edited by hand\n' });
    const { steps } = await run([machine]);
    expect(steps('changed')).toEqual(['runtime/config', 'runtime/service']);
    expect(machine.files.get(`/var/lib/trivet/originals/${digest('/etc/thing.conf')}`)?.content).toBe('old\n');
  });

  test('a changed file restarts its unit once, also when the run died in between', async () => {
    const machine = smallMachine();
    await run([machine]);
    machine.put('/etc/thing.conf', { content: 'edited by hand\n' });
    const before = machine.units.get('thing.service')?.starts ?? 0;
    const writes = machine.calls.length;
    const probe = smallMachine();
    await run([probe]);
    probe.put('/etc/thing.conf', { content: 'edited by hand\n' });
    probe.calls.length = 0;
    await run([probe]);
    const untilWritten = probe.calls.indexOf('write /etc/thing.conf') + 1;
    await run([crashing(machine, untilWritten, 'after')]);
    expect(machine.calls.length).toBeGreaterThan(writes);
    expect(machine.units.get('thing.service')?.starts).toBe(before);
    const { steps } = await run([machine]);
    expect(steps('changed')).toEqual(['runtime/service']);
    expect(machine.units.get('thing.service')?.starts).toBe(before + 1);
  });

  test('crashes at any calls, then runs again: the same machine as without a crash', async () => {
    const whole = smallMachine();
    await run([whole]);
    const calls = whole.calls.length;
    const point = fc.record({ n: fc.integer({ min: 1, max: calls }), when: fc.constantFrom('before' as const, 'after' as const) });
    await fc.assert(
      fc.asyncProperty(fc.array(point, { minLength: 1, maxLength: 4 }), async (points) => {
        const machine = smallMachine();
        for (const { n, when } of points) await run([crashing(machine, n, when)]);
        await run([machine]);
        expect(visible(machine)).toEqual(visible(whole));
        machine.changes.length = 0;
        expect((await run([machine])).outcome).toMatchObject({ changed: 0 });
        expect(machine.changes).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('runSequence on several machines', () => {
  const names = ['m1', 'm2', 'm3'];
  const touch = (path: string) => ({ kind: 'file', path, content: 'x', mode: 0o644, owner: 'root:root' }) as const;
  const failing = { kind: 'command', argv: ['fail'], check: ['check'], timeoutSeconds: 5, hint: 'Try again.' } as const;
  const machine = (name: string, failsWith?: string) =>
    fakeMachine({
      host: { name },
      answers: [
        ([program], self) => {
          if (program === 'check') return { code: self.files.has('/made') ? 0 : 1 };
          if (program !== 'fail') return undefined;
          if (failsWith !== undefined) return { code: 7, stderr: failsWith };
          self.put('/made', {});
          return {};
        },
      ],
    });
  const twoStages: Sequence = {
    name: 'two',
    summary: '',
    stages: [[phase('first', { fail: failing, after: touch('/after') })], [phase('second', { touch: touch('/second') })]],
  };

  test('a failing host stops itself; the others finish the phase; no further stage begins; all failures are told', async () => {
    const machines = [machine('m1'), machine('m2', 'token abcdef.0123456789abcdef is bad'), machine('m3', 'broken')];
    const { outcome, events } = await run(machines, { sequence: twoStages });
    expect(outcome).toBeInstanceOf(Failure);
    expect(outcome).toMatchObject({
      code: 'STEP_FAILED',
      host: 'm2',
      remedy: 'Try again.',
      log: 'm2:/var/log/trivet/first-fail.log',
      findings: ['token «secret» is bad', expect.stringContaining('m3: fail: fail failed with exit status 7')],
    });
    expect(machines.map((m) => m.files.has('/after'))).toEqual([true, false, false]);
    expect(machines.map((m) => m.files.has('/second'))).toEqual([false, false, false]);
    expect(events.at(-1)).toMatchObject({ kind: 'run', state: 'failed', changed: 2 });
  });

  test('one-by-one: a host is finished before the next is planned, and a failure ends the phase', async () => {
    const order: string[] = [];
    const slow = phase('slow', {}, { order: 'one-by-one' });
    const oneByOne: Sequence = {
      name: 'one',
      summary: '',
      stages: [
        [
          {
            ...slow,
            plan: async ({ host }) => {
              order.push(host.name);
              return [{ id: 'slow/fail', host: host.name, title: 'fail', action: failing }];
            },
          },
        ],
      ],
    };
    const { outcome } = await run([machine('m1'), machine('m2', 'broken'), machine('m3')], { sequence: oneByOne });
    expect(outcome).toMatchObject({ host: 'm2' });
    expect(order).toEqual(['m1', 'm2']);
  });

  test('a fact is read once a phase however many hosts ask, and `instead` is taken in plan mode', async () => {
    const reader = machine('m1');
    reader.put('/token', { content: 'real' });
    const token = { name: 'token', argv: ['check'], parse: () => 'real', instead: 'none yet' };
    const seen: string[] = [];
    const asking: Sequence = {
      name: 'ask',
      summary: '',
      stages: [
        [
          {
            ...phase('ask', {}),
            plan: async ({ read }) => {
              seen.push(...(await Promise.all([read(fakeHost('m1'), token), read(fakeHost('m1'), token)])));
              return [];
            },
          },
        ],
      ],
    };
    const machines = [reader, machine('m2'), machine('m3')];
    await run(machines, { sequence: asking });
    expect(seen).toEqual(Array(6).fill('real'));
    expect(reader.calls).toEqual(['run check']);
    seen.length = 0;
    await run(machines, { sequence: asking, mode: 'plan' });
    expect(seen).toEqual(Array(6).fill('none yet'));
    expect(reader.calls).toEqual(['run check']);
  });

  test('--from and --only choose phases; an unknown one is USAGE with the list', async () => {
    const machines = names.map((name) => machine(name));
    const { steps } = await run(machines, { sequence: twoStages, from: 'second' });
    expect(new Set(steps('changed'))).toEqual(new Set(['second/touch']));
    expect((await run(machines, { sequence: twoStages, only: ['third'] })).outcome).toMatchObject({
      code: 'USAGE',
      remedy: 'Its phases are: first, second.',
    });
  });

  test('an abort is INTERRUPTED and says that the next run goes on', async () => {
    const { outcome } = await run([machine('m1')], { sequence: twoStages, signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ code: 'INTERRUPTED', remedy: expect.stringContaining('again') });
  });

  test('a wait that does not come is WAIT_EXPIRED with its hint, after progress every five seconds', async () => {
    const waiting: Sequence = {
      name: 'wait',
      summary: '',
      stages: [[phase('wait', { api: { kind: 'wait', argv: ['check'], everySeconds: 1, deadlineSeconds: 12, hint: 'Look there.' } })]],
    };
    const { outcome, events } = await run([machine('m1')], { sequence: waiting });
    expect(outcome).toMatchObject({ code: 'WAIT_EXPIRED', remedy: 'Look there.', host: 'm1' });
    expect(events.filter((event) => event.kind === 'progress')).toHaveLength(2);
  });

  test('a command whose check still fails afterwards is a failure', async () => {
    const idle = fakeMachine({ answers: [([program]) => (program === 'check' ? { code: 1 } : { stdout: 'all fine' })] });
    const { outcome } = await run([idle], { sequence: twoStages });
    expect(outcome).toMatchObject({
      code: 'STEP_FAILED',
      message: 'fail: fail ran, but its check still fails: check',
      findings: ['all fine'],
    });
  });

  test('an error that is no Failure is reported as a defect', async () => {
    const { outcome } = await run([fakeMachine({})], { sequence: twoStages });
    expect(outcome).toMatchObject({ code: 'INTERNAL', message: 'fake machine m1 does not understand: check', host: 'm1' });
  });
});
