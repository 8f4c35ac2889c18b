/** Power switches for drills, on one bare machine: used inside the lab's namespace, undone early, by themselves, and by `lab down`; and etcd's disk. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import { armedUndos } from '../../src/lab/armed-undo.ts';
import { labPower } from '../../src/lab/drill-power.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import { labStatus } from '../../src/lab/lab-status.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { enterLab } from '../../src/lab/run-in-lab.ts';
import { packageRoot } from '../../src/local/package-root.ts';
import { emit, onMachine, outputOf, until } from './on-lab.ts';

const lab = 'powertest';
const disk = 300;
const shape = { masters: 1, workers: 0, etcd: 0, lb: 0 } as const;
const signal = new AbortController().signal;

beforeAll(async () => {
  await labDown(lab, { emit });
  await labUp({ name: lab, shape, etcdDiskMb: disk, emit });
});

afterAll(async () => {
  await labDown(lab, { emit });
});

test('etcd has a small, empty disk of its own, and keeps it when the machine loses its power', async () => {
  const size =
    (await outputOf(lab, 'm1', 'df --output=size -m /var/lib/etcd /var/lib/trivet-etcd | tail -n 2')).match(/\d+/g)?.map(Number) ?? [];
  expect(size).toHaveLength(2);
  for (const megabytes of size) expect(megabytes).toBeGreaterThan(disk / 2);
  for (const megabytes of size) expect(megabytes).toBeLessThanOrEqual(disk);
  expect(await outputOf(lab, 'm1', 'ls -A /var/lib/etcd /var/lib/trivet-etcd | grep -v :')).toBe('');
  expect((await onMachine(lab, 'm1', 'dd if=/dev/zero of=/var/lib/etcd/full bs=1M')).stderr).toContain('No space left on device');
  await outputOf(lab, 'm1', 'rm /var/lib/etcd/full; echo kept > /var/lib/etcd/kept; sync');
});

test.each(['off', 'frozen'] as const)('an operator inside the lab turns a machine %s and has it undone', async (power) => {
  const operator = await operatorInside(power, 120);
  expect((await armedUndos(lab)).map((undo) => `${undo.machine} ${undo.power}`)).toEqual([`m1 ${power}`]);
  await expect(onMachine(lab, 'm1', 'true', 3)).rejects.toMatchObject({ code: 'CONNECTION_TIMEOUT' });
  const [machine] = (await labStatus()).find(({ name }) => name === lab)?.machines ?? [];
  expect(machine?.power).toBe(power === 'off' ? 'off' : 'on');
  operator.process.stdin.write('undo\n');
  expect(await operator.ended).toBe(0);
  expect(await outputOf(lab, 'm1', 'cat /var/lib/etcd/kept')).toBe('kept');
  expect(await armedUndos(lab)).toEqual([]);
});

test.each(['off', 'frozen'] as const)(
  'the operator is killed: a machine that is %s comes back by itself, and not before',
  async (power) => {
    const limitSeconds = 12;
    const operator = await operatorInside(power, limitSeconds);
    const dueMs = (await armedUndos(lab))[0]?.dueMs ?? 0;
    expect(dueMs - operator.actedAtMs).toBeLessThan(limitSeconds * 1000);
    operator.process.kill('SIGKILL');
    await operator.ended;
    await expect(labPower(lab, { emit }).act('off', 'm1', { limitSeconds, signal })).rejects.toMatchObject({
      code: 'LAB',
      message: expect.stringContaining('by itself in'),
    });
    await until('the machine is back', 60, async () => (await onMachine(lab, 'm1', 'true', 3)).code === 0, 100);
    expect(monotonicMs()).toBeGreaterThan(dueMs);
    await until('nothing waits any more', 10, async () => (await armedUndos(lab)).length === 0, 50);
  },
);

test('a drill that is stopped before the fault is in arms nothing and does nothing', async () => {
  const controller = new AbortController();
  const acting = labPower(lab, { emit }).act('off', 'm1', { limitSeconds: 60, signal: controller.signal });
  controller.abort(new Error('stopped'));
  await expect(acting).rejects.toThrow('stopped');
  expect(await armedUndos(lab)).toEqual([]);
  expect(await outputOf(lab, 'm1', 'cat /var/lib/etcd/kept')).toBe('kept');
});

test('lab down while an undo is armed ends it, and detaches the disk', async () => {
  const operator = await operatorInside('off', 600);
  operator.process.kill('SIGKILL');
  await operator.ended;
  const [undo] = await armedUndos(lab);
  await labDown(lab, { emit });
  expect(await readFile(`/proc/${undo?.pid}/cmdline`, 'utf8').catch(() => '')).toBe('');
  expect(await armedUndos(lab)).toEqual([]);
  expect(await attached()).toEqual([]);
  await delay(500);
  expect(await readdir('/run/netns').then((names) => names.filter((name) => name.startsWith(`trivet-${lab}`)))).toEqual([]);
});

/** Files of this lab that a loop device holds, seen by other means than the lab's own. */
async function attached(): Promise<readonly string[]> {
  const names = (await readdir('/sys/block')).filter((name) => name.startsWith('loop'));
  const files = await Promise.all(names.map((name) => readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch(() => '')));
  return files.filter((file) => file.includes(`/labs/${lab}/`));
}

/** Returns when the fault is in. */
async function operatorInside(power: 'off' | 'frozen', limitSeconds: number) {
  const argv = [process.execPath, join(packageRoot(), 'test/lab/parts/power-process.ts'), lab, 'm1', power, String(limitSeconds)];
  const [program = '', ...rest] = enterLab(lab, argv);
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(([code]) => code);
  const said = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) => Number(line)),
    ended.then(() => undefined),
  ]);
  if (said === undefined) throw new Error('the operator ended before the fault was in');
  return { process: child, ended, actedAtMs: said };
}
