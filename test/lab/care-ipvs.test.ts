/** care's IPVS on a real kernel that has it (user-mode-linux): seed 003's walk, then the connections that are established. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labDown } from '../../src/lab/lab-down.ts';
import { requireLab } from '../../src/lab/lab-file.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { emit, onMachine, outputOf } from './on-lab.ts';
import { type DataplaneOnMachine, installDriverOnDisk, openOnMachine } from './parts/dataplane-on-machine.ts';
import { askNew, holdConnections, startServer } from './parts/tcp-on-machine.ts';

const lab = 'careipvs';
const shape = { masters: 0, workers: 0, etcd: 0, lb: 1, lbKernel: 'own' } as const;
const packages = ['conntrack', 'curl', 'iproute2', 'ipvsadm', 'kmod', 'nftables'];
const vip = '10.103.97.12';
const ports = [8081, 8082, 8083];
const common = { service: `${vip}:6443`, kind: 'ipvs', mode: 'route' };

let scratch: string;
let stateBefore: string | undefined;
let before: string;
let plane: DataplaneOnMachine;

beforeAll(async () => {
  stateBefore = process.env.XDG_STATE_HOME;
  scratch = await mkdtemp(join(tmpdir(), 'trivet-careipvs-test-'));
  process.env.XDG_STATE_HOME = scratch;
  await labUp({ name: lab, shape, packages, emit });
  process.stderr.write(`the kernel with IPVS: ${(await requireLab(lab)).kernel?.source}\n`);
  await installDriverOnDisk(lab, 'l1', scratch);
  for (const port of ports) await startServer(lab, 'l1', `nginx${port}`, '127.0.0.1', port, `${port}`);
  await outputOf(
    lab,
    'l1',
    'modprobe -a ip_vs ip_vs_rr dummy; nft add table ip mine; ipvsadm -A -t 203.0.113.1:80 -s wlc; ipvsadm -a -t 203.0.113.1:80 -r 192.0.2.11:80 -m',
  );
  before = await machineState();
  plane = await openOnMachine(lab, 'l1', common);
});

afterAll(async () => {
  await plane.end();
  await labDown(lab, { emit });
  if (stateBefore === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = stateBefore;
  await rm(scratch, { recursive: true, force: true });
});

test('the rules are created, as seed 003 shows them', async () => {
  expect(await plane.ask({ do: 'open' })).toMatchObject({ kind: 'ipvs' });
  await plane.ask(serve(8081, 8082, 8083));
  expect(await rules()).toEqual(listed(8081, 8082, 8083));
  expect((await askNew(lab, 'l1', `http://${vip}:6443/`, 6)).map((answer) => answer.split(' ')[0]).toSorted()).toEqual([
    '8081',
    '8081',
    '8082',
    '8082',
    '8083',
    '8083',
  ]);
  expect((await plane.ask(serve(8081, 8082, 8083))).result).toEqual([]);
});

test('one after another is removed, and the VIP still answers', async () => {
  await plane.ask(serve(8082, 8083));
  expect(await rules()).toEqual(listed(8082, 8083));
  await plane.ask(serve(8083));
  expect(await rules()).toEqual(listed(8083));
  expect((await askNew(lab, 'l1', `http://${vip}:6443/`, 2)).map((answer) => answer.split(' ')[0])).toEqual(['8083', '8083']);
});

test('all are gone: the virtual server stays without real servers, and connections are refused at once', async () => {
  await plane.ask({ do: 'apply', table: 'reject', targets: [] });
  expect(await rules()).toEqual(listed());
  const { stdout } = await onMachine(lab, 'l1', `curl -sS -m 3 -o /dev/null -w '%{exitcode} %{time_total}' http://${vip}:6443/`);
  expect(stdout).toMatch(/^7 0\.\d+$/);
});

test('they come back one by one', async () => {
  for (const there of [[8081], [8081, 8082], [8081, 8082, 8083]]) {
    await plane.ask(serve(...there));
    expect(await rules()).toEqual(listed(...there));
    expect((await askNew(lab, 'l1', `http://${vip}:6443/`, 1))[0]).toMatch(/^808\d /);
  }
});

test('established connections to a removed one are cut; those to others stay', async () => {
  await plane.ask(serve(8081));
  const others = await holdConnections(lab, 'l1', { host: vip, port: 6443, count: 2 });
  // Of a weight of 0 it keeps its connections; taken out, it would lose them.
  const [drains, serves] = [
    { backend: '127.0.0.1:8081', weight: 0 },
    { backend: '127.0.0.1:8082', weight: 1 },
  ];
  await plane.ask({ do: 'apply', table: 'serve', targets: [drains, serves] });
  const held = await holdConnections(lab, 'l1', { host: vip, port: 6443, count: 3 });
  await plane.ask(serve(8081));
  const { result, ms, logged } = await plane.ask({ do: 'cut', backend: '127.0.0.1:8082' });
  process.stderr.write(`IPVS: 3 connections cut in ${ms.toFixed(1)} ms\n`);
  expect({ enough: Number(result) >= 3, logged }).toEqual({ enough: true, logged: [] });
  await held.ended(3);
  expect(held.ends()).toEqual(Array(3).fill('ECONNABORTED'));
  expect(others.ends()).toEqual([]);
  expect((await plane.ask({ do: 'connections' })).result).toEqual({ '127.0.0.1:8081': 2 });
  await Promise.all([others.close(), held.close()]);
});

test('a weight of 0 drains; what is not ours goes from our virtual server; others are not touched', async () => {
  await plane.ask({
    do: 'apply',
    table: 'serve',
    targets: [
      { backend: '127.0.0.1:8081', weight: 0 },
      { backend: '127.0.0.1:8083', weight: 1 },
    ],
  });
  expect(new Set((await askNew(lab, 'l1', `http://${vip}:6443/`, 4)).map((answer) => answer.split(' ')[0]))).toEqual(new Set(['8083']));
  await outputOf(lab, 'l1', `ipvsadm -a -t ${vip}:6443 -r 192.0.2.99:1 -m -w 7; ipvsadm -E -t ${vip}:6443 -s wlc -p 60`);
  await plane.ask(serve(8083));
  expect(await rules()).toEqual(listed(8083));
  expect(await outputOf(lab, 'l1', 'ipvsadm -Ln')).toMatch(/203\.0\.113\.1:80 wlc\n +-> 192\.0\.2\.11:80 +Masq/);
});

test('the rules survive kill -9; clean leaves the machine as it was, its settings too', async () => {
  await plane.kill();
  expect((await askNew(lab, 'l1', `http://${vip}:6443/`, 1))[0]).toMatch(/^8083 /);
  plane = await openOnMachine(lab, 'l1', common);
  await plane.ask({ do: 'open' });
  expect((await plane.ask(serve(8083))).result).toEqual([]);
  expect(await outputOf(lab, 'l1', 'cat /proc/sys/net/ipv4/vs/expire_nodest_conn')).toBe('1');
  await plane.ask({ do: 'clean' });
  expect(await machineState()).toBe(before);
  expect((await plane.ask({ do: 'clean' })).result).toEqual([]);
});

test.each(['ipvs', 'nft'])('mode link, %s: the VIP on a dummy interface, masqueraded', async (kind) => {
  await plane.ask({ do: 'open', kind, mode: 'link' });
  await plane.ask(serve(8081, 8082));
  expect(await outputOf(lab, 'l1', 'ip -br addr show dev lvscare')).toMatch(new RegExp(`${vip}/32`));
  expect((await askNew(lab, 'l1', `http://${vip}:6443/`, 4)).map((answer) => answer.split(' ')[0]).toSorted()).toEqual([
    '8081',
    '8081',
    '8082',
    '8082',
  ]);
  expect((await plane.ask(serve(8081, 8082))).result).toEqual([]);
  await plane.ask({ do: 'clean', mode: 'link' });
  expect(await machineState()).toBe(before);
});

/** `ipvsadm -Ln` of our virtual server, without the counters of connections. */
async function rules(): Promise<readonly string[]> {
  const lines = (await outputOf(lab, 'l1', 'ipvsadm -Ln')).split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '));
  const start = lines.indexOf(lines.find((line) => line.includes(`${vip}:6443`)) ?? '');
  const end = lines.findIndex((line, index) => index > start && line.startsWith('TCP'));
  return lines.slice(start, end === -1 ? undefined : end).map((line) => line.replace(/ \d+ \d+$/, ''));
}

function listed(...there: readonly number[]): readonly string[] {
  return [`TCP ${vip}:6443 rr`, ...there.map((port) => `-> 127.0.0.1:${port} Masq 1`)];
}

function serve(...there: readonly number[]): Readonly<Record<string, unknown>> {
  return { do: 'apply', table: 'serve', targets: there.map((port) => ({ backend: `127.0.0.1:${port}`, weight: 1 })) };
}

async function machineState(): Promise<string> {
  const kernel = 'nft list ruleset; ipvsadm -S -n; ip -4 addr; ip -4 route show table all; ip -br link';
  const settings =
    'sysctl -a 2> /dev/null | grep -E "arp_|route_localnet|[.]vs[.]" | grep -vE "lvscare|[.](am|drop|amem)"; ls /var/lib/trivet-care-test 2> /dev/null';
  return outputOf(lab, 'l1', `{ ${kernel}; ${settings}; } | sed -E "s/ (valid_lft|preferred_lft) [^ ]+//g"; true`);
}
