import { expect, it } from 'vitest';
import { failoverSchema } from '../../../bench/parts/failover-result.ts';
import { failoverTable } from '../../../bench/parts/failover-table.ts';
import { matrixResultSchema } from '../../../bench/parts/matrix-result.ts';
import { matrixPage } from '../../../bench/parts/matrix-table.ts';

const on = {
  date: '2026-01-02T03:04:05Z',
  cores: 2,
  processor: 'cpu',
  memoryGiB: 24,
  kernel: '6.18',
  node: 'v24',
  commit: 'abc',
  load: 0.1,
};
const gap = (gapMs: number) => ({ gapMs, attempts: 100, failed: 5 });
const watch = {
  clients: 8,
  onVictim: 3,
  cut: 3,
  cutOnVictim: 3,
  slowestCutMs: 900,
  slowestCutOnVictimMs: 900,
  gapMs: 1100,
  allMoved: true,
};
const clients = { from: 'worker', gaps: { 'new connections': gap(600), writes: gap(1300), kubelet: gap(7000) }, watch, ownDelayMs: 4 };

function set(name: string, livezMs: readonly number[]) {
  const trials = livezMs.map((ms, index) => ({
    trial: index + 1,
    victim: 'm1',
    leaderThere: index === 0,
    clients: { ...clients, gaps: { ...clients.gaps, 'new connections': gap(ms) } },
    kubeletMs: 7000,
    acknowledged: 100,
    lost: 0,
  }));
  return { name, on, trials, failures: [], mends: [] };
}

it('failoverTable: the median against the goal, the worst beside it, watches against theirs', () => {
  const table = failoverTable(failoverSchema.parse({ sets: [set('local-proxy/haproxy', [500, 600, 2000])] }));
  expect(table).toContain('| **local-proxy/haproxy** | 3 | 0.60 s | 2.00 s | at most 0.7 s: met |');
  expect(table).toContain(
    '| **local-proxy/haproxy** | 9 of 24 | 0.90 s | at most 1.2 s: met | 1.10 s | 7.00 s | 7.00 s | at most 10 s: met |',
  );
  expect(table).toContain('300 acknowledged writes, 0 lost. Trials without figures: 0.');
});

it('failoverTable: a watch that was never cut misses its goal, and a missed goal is seen', () => {
  const result = set('local-proxy/haproxy', [900]);
  const [trial] = result.trials;
  const uncut = { ...watch, cut: 2, cutOnVictim: 2 };
  const table = failoverTable(
    failoverSchema.parse({ sets: [{ ...result, trials: [{ ...trial, clients: { ...clients, watch: uncut } }] }] }),
  );
  expect(table).toContain('3 of 8, 1 of them never cut');
  expect(table).toContain('at most 1.2 s: not measured');
});

it('failoverTable: tells the trap, what was skipped, and a trial without figures', () => {
  const trap = { holder: 'm1', holdersAfter: ['m1'], seconds: 20.2, livezGapMs: 20000, recovered: false };
  const failures = [{ trial: 2, error: 'not served' }];
  const sets = [
    { ...set('seed 001 nopreempt', [3000]), trap, failures, mends: ['a', 'b'] },
    { ...set('kube-vip', []), skipped: 'there is no kube-vip on PATH, so it was not run' },
  ];
  const table = failoverTable(failoverSchema.parse({ sets }));
  expect(table).toContain('(**it never left m1**); /livez silent for all of the remaining 20.00 s.');
  expect(table).toContain('| seed 001 nopreempt | 1 (+ 1 without figures) |');
  expect(table).toContain('kube-vip: there is no kube-vip on PATH, so it was not run.');
  expect(table).toContain('Mends of seed 001 nopreempt: a; b.');
});

it('matrixPage: a row for each case and each loss, failures seen', () => {
  const loss = {
    loss: 'master',
    victim: 'm2',
    outside: { ...clients, from: 'outside' },
    worker: clients,
    acknowledged: 50,
    lost: [],
    healedSeconds: 20,
  };
  const common = { etcd: 'stacked', certificates: 'upload', release: 'trixie', kubernetes: 'v1.34.4', packages: { haproxy: '3.0' }, on };
  const page = matrixPage([
    matrixResultSchema.parse({
      ...common,
      case: 'local-proxy/haproxy',
      scheme: 'local-proxy',
      seconds: { 'up with one master': 40, 'up with three masters': 50, 'reset leaves nothing': 12 },
      changedAgain: 0,
      losses: [loss],
    }),
    matrixResultSchema.parse({
      ...common,
      case: 'external',
      scheme: 'external',
      seconds: {},
      losses: [],
      failed: { step: 'up', why: 'x' },
    }),
  ]);
  expect(page).toContain('| local-proxy/haproxy | stacked | upload | Debian 13 | 40 s + 50 s | 0 | 12 s | passed |');
  expect(page).toContain('| external | stacked | upload | Debian 13 | – | – | – | **failed** at «up»: x |');
  expect(page).toContain('| local-proxy/haproxy | m2, a master | 0.60 s / 0.60 s |');
  expect(page).toContain('3 / 3 of 8 | 0.90 s / 0.90 s |');
});
