/** kill -9 of `trivet up`, again and again at random points of one bring-up: the next run always goes on, and it converges. */

import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labDirectories } from '../../src/lab/lab-directories.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { stateDirectory } from '../../src/local/directories.ts';
import { emit, onMachine, outputOf, testBundle, trivet, trivetOk, until } from './on-lab.ts';

const lab = 'killtest';
const masters = ['m1', 'm2', 'm3'];
const all = [...masters, 'w1'];
const file = labDirectories(lab).clusterFile;
const logs = join(stateDirectory(), 'logs');
const kills = 22;
const seed = Number(process.env.TRIVET_SEED ?? Date.now() % 1_000_000);
const random = generator(seed);

beforeAll(async () => {
  const bundle = await testBundle();
  await labDown(lab, { emit });
  await labUp({ name: lab, shape: { masters: 3, workers: 1, etcd: 0, lb: 0 }, bundle, emit });
});

afterAll(async () => {
  await labDown(lab, { emit });
});

test(`up, killed ${kills} times on its way, goes on each time and converges`, async () => {
  console.log(`seed: TRIVET_SEED=${seed}`);
  const plan = JSON.parse(await trivetOk('plan', '-f', file, '-o', 'json'));
  // A step is heard of twice: when it starts and when it is made.
  const begun = new Set<string>();
  let left: number = 2 * plan.steps.length;
  for (let round = 1; round <= kills; ) {
    const share = left / (kills - round + 1);
    const events = left === 0 ? 0 : Math.max(2, Math.round(share * (0.4 + 1.2 * random())));
    // Long steps are few: now and then the kill waits for their middle, or for that of a run that has nothing to do.
    const delayMs = Math.round(random() * (round % 4 === 0 || left === 0 ? 4000 : 400));
    const run = await upKilledAfter(events, delayMs);
    for (const step of run.begun) begun.add(step);
    left = run.killed ? 2 * Math.max(0, plan.steps.length - begun.size) : 0;
    console.log(`${run.killed ? `kill ${round}` : 'not killed'}: after ${run.heard} step events and ${delayMs} ms, at ${run.last}`);
    if (run.killed) round += 1;
  }
  const rest = await trivet(['up', '-f', file, '-y']);
  expect(rest.stderr).not.toContain('error ');
  expect(rest.code).toBe(0);
});

test('the killed runs left one cluster, whole: three voting etcd members, one CA, one cluster id', async () => {
  await until(
    'trivet status is healthy',
    120,
    async () => (await trivet(['status', '-f', file], { env: { TRIVET_TEST_QUIET: '1' } })).code === 0,
    2000,
  );
  const status = JSON.parse(await trivetOk('status', '-f', file, '-o', 'json'));
  expect(status.problems).toEqual([]);
  expect(status.etcd).toMatchObject({ voters: 3, healthy: 3, spare: 1 });
  expect(status.etcd.members.filter((member: { learner: boolean }) => member.learner)).toEqual([]);
  const cas = await Promise.all(all.map((machine) => outputOf(lab, machine, 'sha256sum < /etc/kubernetes/pki/ca.crt')));
  expect(new Set(cas).size).toBe(1);
  const ids = await Promise.all(
    masters.map((machine) =>
      outputOf(
        lab,
        machine,
        `etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key endpoint status -w json | grep -o '"cluster_id":[0-9]*'`,
      ),
    ),
  );
  expect(new Set(ids).size).toBe(1);
});

test('up again changes nothing, and the lock is free at once', async () => {
  const started = performance.now();
  expect(JSON.parse(await trivetOk('up', '-f', file, '-y', '-o', 'json'))).toMatchObject({ changed: 0 });
  expect(performance.now() - started).toBeLessThan(30_000);
  for (const machine of masters) expect((await onMachine(lab, machine, 'flock -n /run/trivet/operator.lock true')).code).toBe(0);
});

test('no secret, no half-written file and no uploaded archive is left on a machine', async () => {
  const traces = [
    'ls -d /run/trivet/*.yaml /run/trivet/*.conf /run/trivet/*.stdin /run/trivet-certs.* /run/trivet-check.* /var/lib/trivet/packages.tar /var/lib/trivet/images/* /var/tmp/trivet-* /usr/sbin/policy-rc.d* 2>/dev/null',
    "find /etc /opt/trivet /usr/local /var/lib/trivet /run/trivet -xdev \\( -name '*.trivet-new' -o -name '.*.??????' -newer /etc/machine-id -type f \\) 2>/dev/null",
    'dpkg --audit',
  ];
  for (const machine of all) {
    const found = await onMachine(lab, machine, traces.join('; '));
    expect(`${machine}: ${found.stdout}`).toBe(`${machine}: `);
  }
});

test('no process of the killed runs is left on this box', async () => {
  await until('the killed runs’ ssh processes end', 60, async () => (await sshProcesses()).length === 0, 1000);
});

interface KilledRun {
  /** False: it was through before its time came. */
  readonly killed: boolean;
  /** Step events of the run that was killed. */
  readonly heard: number;
  /** Steps that it began, with their hosts. */
  readonly begun: readonly string[];
  /** What was going on. */
  readonly last: string;
}

/** Starts up and kills it `delayMs` after its n-th step event; a run that fails before that fails the test. */
async function upKilledAfter(events: number, delayMs: number): Promise<KilledRun> {
  const before = new Set(await readdir(logs));
  let pid = 0;
  let ended = false;
  const run = trivet(['up', '-f', file, '-y'], {
    env: { TRIVET_TEST_QUIET: '1' },
    started: (started) => {
      pid = started;
    },
  }).finally(() => {
    ended = true;
  });
  const log = () => readdirSync(logs).find((name) => name.startsWith(`${lab}-up-`) && !before.has(name));
  const heard = () => stepEvents(log());
  while (!ended && heard().length < events) await delay(20);
  await delay(delayMs);
  if (!ended) process.kill(pid, 'SIGKILL');
  const result = await run;
  const steps = heard();
  if (result.code !== 137 && result.code !== 0) throw new Error(`up ended by itself with ${result.code}:\n${result.stderr}`);
  const last = steps.at(-1);
  const place = last === undefined ? 'no step' : `${last.host} ${last.step} (${last.state})`;
  const begun = steps.map((step) => `${step.host} ${step.step}`);
  return { killed: result.code !== 0, heard: steps.length, begun, last: place };
}

/** The events of steps that were begun or made, from a run's own log. */
function stepEvents(log: string | undefined): readonly { readonly host: string; readonly step: string; readonly state: string }[] {
  if (log === undefined) return [];
  const lines = readFileSync(join(logs, log), 'utf8').split('\n').slice(0, -1);
  return lines
    .map((line) => JSON.parse(line))
    .filter((event) => event.kind === 'step' && (event.state === 'started' || event.state === 'changed'));
}

/** Commands of ssh processes on this box that go to this lab or through one of its connections. */
async function sshProcesses(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')));
  return commands.filter(
    (command, index) => /(^|\/)ssh\0/.test(command) && (environments[index] ?? '').includes(`TRIVET_LAB_ENTERED=${lab}\0`),
  );
}

/** mulberry32: numbers in [0, 1) that a seed gives again. */
function generator(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
