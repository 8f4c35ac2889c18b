/** Drills on a cluster that is there: the short suite of `npm test`, the operator cut off, and what is refused. */

import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { drillTable } from '../../../src/drill/faults/network-rules.ts';
import { drillsDirectory } from '../../../src/drill/faults/shell-parts.ts';
import type { Lab } from '../../../src/lab/lab-file.ts';
import { stateDirectory } from '../../../src/local/directories.ts';
import { findChromium } from '../../browser/chromium.ts';
import { onMachine, outputOf, trivet, until } from '../on-lab.ts';
import { type DrillRow, drillRow, drillRows } from './drill-rows.ts';
import { watchDashboard } from './watch-dashboard.ts';

export interface DrillSuite {
  /** A test. */
  readonly step: (what: string, work: () => Promise<void>) => void;
  /** Known once the steps run. */
  readonly cluster: () => { readonly lab: Lab; readonly file: string };
}

/**
 * Milliseconds that prove something on a box that is shared, small and noisy: how fast it goes is measured in bench/, what must never
 * happen is judged here. Clients stand outside and on the worker only, for the same reason.
 */
const patient = Object.entries({
  'new-connections': 10_000,
  'linearizable-reads': 20_000,
  writes: 20_000,
  'reused-connection': 20_000,
  watch: 30_000,
  kubelet: 60_000,
  recover: 300_000,
}).flatMap(([name, ms]) => ['--budget', `${name}=${ms}`]);

const recordings = join(stateDirectory(), 'recordings');

/** Registers its steps. The cluster is healthy before the first and after the last. */
export function drillSuite({ step, cluster }: DrillSuite): void {
  const lab = () => cluster().lab.name;
  const file = () => cluster().file;
  const passes = (...args: readonly string[]) => passesWithin(patient, ...args);
  const passesWithin = async (budgets: readonly string[], ...args: readonly string[]) => {
    await untilHealthy(file());
    expectPass(
      drillRow((await trivet(['drill', 'run', '-f', file(), '-y', '-o', 'json', '--clients-on', 'w1', ...budgets, ...args])).stdout),
    );
  };
  let before: readonly string[] = [];

  step('drills that cannot be run are refused with the reason', async () => {
    before = await readdir(recordings).catch(() => []);
    expect(await refusal(file(), 'clock-moved')).toContain('container');
    expect(await refusal(file(), 'two-masters-down')).toContain('--i-mean-it');
    await outputOf(lab(), 'w1', 'systemctl stop kubelet');
    try {
      expect(await refusal(file(), 'vip-drift')).toMatch(/not healthy[\s\S]*w1/);
    } finally {
      await outputOf(lab(), 'w1', 'systemctl start kubelet');
    }
    await untilHealthy(file());
  });

  if (findChromium() === undefined)
    step('drill vip-drift (not watched on the dashboard: there is no Chromium here)', () => passes('vip-drift', '--hold', '10'));
  else
    step('drill vip-drift, and the address moves on the dashboard', async () => {
      const seen = await watchDashboard(file(), () => passes('vip-drift', '--hold', '10'));
      expect(seen.complaints).toEqual([]);
      expect(new Set(seen.holders).size).toBeGreaterThan(1);
      expect(seen.drillShown).toBe(true);
    });

  step('of two drills at once one is refused', async () => {
    const runs = await Promise.all(
      [1, 2].map(() => trivet(['drill', 'run', 'kubelet-killed', '-f', file(), '-y', '-o', 'json', '--clients-on', 'w1', ...patient])),
    );
    const [other, ...more] = runs.filter(({ stdout }) => drillRows(stdout).some(({ result }) => result !== 'refused'));
    const refused = runs.find((run) => run !== other);
    expect(more, runs.map(({ stderr }) => stderr).join('\n---\n')).toEqual([]);
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringMatching(/lock|at work|another drill|not healthy/) });
    expectPass(drillRow(other?.stdout ?? ''));
  });

  step('the operator is killed: the machine heals itself in time, and no drill begins before', async () => {
    const { recording, limitSeconds, victim } = await cutOffOperator(file());
    const cutOff = performance.now();
    const word = await refusal(file(), 'apiserver-frozen');
    expect(word).toMatch(new RegExp(`machine-isolated[^\\n]* on ${victim}[^\\n]* in \\d+ s`));
    await until(`${victim} has nothing of the fault`, limitSeconds + 30, async () => (await leftOfFaults(lab(), victim)) === '', 1000);
    expect((performance.now() - cutOff) / 1000).toBeLessThan(limitSeconds + 15);
    await untilHealthy(file());
    const report = await trivet(['drill', 'report', recording, '-o', 'json']);
    // It has no end, so that it proves nothing, or worse.
    expect([1, 3], report.stderr).toContain(report.code);
  });

  step('drill machine-isolated', () => passes('machine-isolated', '--hold', '10'));
  step('drill apiserver-frozen', () => passes('apiserver-frozen', '--hold', '10'));
  step('drill machine-power-off', () => passes('machine-power-off', '--hold', '10'));
  // Whose clients wait for a machine to boot: only that the cluster recovers is bounded.
  step('drill two-masters-down', () => passesWithin(['--budget', 'recover=300000'], 'two-masters-down', '--i-mean-it', '--hold', '8'));

  step('after the drills nothing of them is left', async () => {
    await untilHealthy(file());
    for (const { name } of cluster().lab.machines) expect(await leftOfFaults(lab(), name), name).toBe('');
    const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf';
    // The namespace of the drill whose operator was killed is the next one's to find, or the user's to delete.
    await outputOf(lab(), 'm1', `${kubectl} get namespaces -o name | grep /trivet-drill | xargs -r ${kubectl} delete --wait=false`);
  });

  afterAll(async () => {
    const directory = process.env.TRIVET_RECORDINGS;
    if (directory === undefined) return;
    await mkdir(directory, { recursive: true });
    const made = (await readdir(recordings).catch(() => [])).filter((name) => !before.includes(name));
    for (const name of made) await cp(join(recordings, name), join(directory, name));
  });
}

/** What a box that was too busy for a moment makes inconclusive; it fails nothing. */
const busyBox = /before the fault already|was late by|late themselves/;

function expectPass(row: DrillRow): void {
  console.log(JSON.stringify(row));
  const reasons = row.reasons.filter((reason) => !busyBox.test(reason));
  const result = row.result === 'inconclusive' && row.reasons.length > 0 ? 'pass' : row.result;
  expect(`${row.drill}: ${result}: ${reasons.join('; ')}`).toBe(`${row.drill}: pass: `);
}

/** What the operator is told by a drill that does not begin. */
async function refusal(file: string, drill: string): Promise<string> {
  const run = await trivet(['drill', 'run', drill, '-f', file, '-y', '-o', 'json'], { env: { TRIVET_TEST_QUIET: '1' } });
  expect(run.code, run.stderr).toBe(3);
  const said =
    run.stderr +
    drillRows(run.stdout)
      .map(({ reasons }) => reasons.join('\n'))
      .join('\n');
  console.log(`${drill}: ${said.trim().split('\n').slice(-6).join('\n')}`);
  return said;
}

interface CutOff {
  /** Of the drill that nobody ends; it has no end. */
  readonly recording: string;
  readonly victim: string;
  readonly limitSeconds: number;
}

/** Returns after the operator's process was killed with the fault in. */
async function cutOffOperator(file: string): Promise<CutOff> {
  const before = new Set(await readdir(recordings).catch(() => []));
  let pid = 0;
  let ended: string | undefined;
  const run = trivet(['drill', 'run', 'machine-isolated', '-f', file, '-y', '--hold', '5', '--clients-on', 'w1'], {
    started: (started) => {
      pid = started;
    },
  }).then((result) => {
    ended = result.stderr;
    return result;
  });
  let recording = '';
  let text = '';
  await until(
    'the fault is in',
    180,
    async () => {
      if (ended !== undefined) throw new Error(`it ended by itself: ${ended}`);
      const name = (await readdir(recordings).catch(() => [])).find((one) => one.includes('machine-isolated') && !before.has(one));
      recording = join(recordings, name ?? '');
      text = name === undefined ? '' : await readFile(recording, 'utf8').catch(() => '');
      return text.includes('"injected"');
    },
    50,
  );
  process.kill(pid, 'SIGKILL');
  const { code, stderr } = await run;
  expect(code, stderr).toBe(137);
  const line = text.split('\n').find((one) => one.includes('"injected"')) ?? '';
  const victim = /"host":"(?<name>[^"]+)"/.exec(line)?.groups?.name ?? '';
  const limitSeconds = Number(/alone (?<seconds>\d+) s after/.exec(stderr)?.groups?.seconds ?? Number.NaN);
  return { recording, victim, limitSeconds };
}

async function leftOfFaults(lab: string, machine: string): Promise<string> {
  const command = `ls -d ${drillsDirectory}/* 2> /dev/null; nft list tables 2> /dev/null | grep ${drillTable}; systemctl list-units --no-legend 'trivet-drill*.timer'; true`;
  return (await onMachine(lab, machine, command, 20)).stdout.trim();
}

async function untilHealthy(file: string): Promise<void> {
  const healthy = async () => (await trivet(['status', '-f', file], { env: { TRIVET_TEST_QUIET: '1' } })).code === 0;
  await until('trivet status is healthy', 180, healthy, 2000);
}
