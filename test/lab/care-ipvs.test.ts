/** care's IPVS on a real kernel that has it (user-mode-linux): seed 003's walk by the daemon itself, then the connections that are established. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { careExecutable } from '../../src/bundle/care-executable.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import { requireLab } from '../../src/lab/lab-file.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { emit, onMachine, outputOf, until } from './on-lab.ts';
import { type DataplaneOnMachine, installDriverOnDisk, openOnMachine } from './parts/dataplane-on-machine.ts';
import { askNew, holdConnections, startServer } from './parts/tcp-on-machine.ts';

const lab = 'careipvs';
const shape = { masters: 0, workers: 0, etcd: 0, lb: 1, lbKernel: 'own' } as const;
const packages = ['conntrack', 'curl', 'iproute2', 'ipvsadm', 'kmod', 'nftables'];
const vip = '10.103.97.12';
const ports = [8081, 8082, 8083];
/** The words after `lvscare care` in seed 003. */
const seed =
  '--vs 10.103.97.12:6443 --rs 127.0.0.1:8081 --rs 127.0.0.1:8082 --rs 127.0.0.1:8083 --health-path / --health-schem http --backend ipvs';
const vip6 = '2001:db8:97::12';
const seed6 = seed.replace(vip, `[${vip6}]`).replaceAll('127.0.0.1', '[::1]');

let scratch: string;
let stateBefore: string | undefined;
let before: string;

beforeAll(async () => {
  stateBefore = process.env.XDG_STATE_HOME;
  scratch = await mkdtemp(join(tmpdir(), 'trivet-careipvs-test-'));
  process.env.XDG_STATE_HOME = scratch;
  const { path } = await careExecutable({ emit });
  await labUp({ name: lab, shape, packages, emit });
  process.stderr.write(`the kernel with IPVS: ${(await requireLab(lab)).kernel?.source}\n`);
  await installDriverOnDisk(lab, 'l1', scratch, { '/usr/local/bin/trivet': path });
  await outputOf(lab, 'l1', surroundings);
  for (const port of ports) await startBackend(port);
  await startServer(lab, 'l1', 'far', '::', 8084, 'far', 'far');
  before = await machineState();
});

afterAll(async () => {
  await labDown(lab, { emit });
  if (stateBefore === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = stateBefore;
  await rm(scratch, { recursive: true, force: true });
});

/** Rules of others, IPv6, and a neighbour: a network namespace as another machine. */
const surroundings = `set -e
modprobe -a ip_vs ip_vs_rr ip_vs_wrr ip_vs_lc ip_vs_wlc ip_vs_sh ip_vs_dh nf_conntrack dummy
nft add table ip mine
ipvsadm -A -t 203.0.113.1:80 -s wlc
ipvsadm -a -t 203.0.113.1:80 -r 192.0.2.11:80 -m
ip netns add far
ip link add far0 type veth peer name far1 netns far
ip addr add 198.51.100.1/24 dev far0
ip addr add 2001:db8:51::1/64 dev far0 nodad
ip link set far0 up
ip -n far addr add 198.51.100.2/24 dev far1
ip -n far addr add 2001:db8:51::2/64 dev far1 nodad
ip -n far link set far1 up
ip -n far link set lo up`;

describe('the daemon, as its own unit of systemd', () => {
  test('the rules are created, as seed 003 shows them', async () => {
    await startDaemon(seed);
    await untilListed(8081, 8082, 8083);
    expect(await asked(6)).toEqual(['8081', '8081', '8082', '8082', '8083', '8083']);
  });

  test('one after another is stopped: its rule goes, and the VIP still answers', async () => {
    await stopBackend(8081);
    await untilListed(8082, 8083);
    expect(await asked(2)).toEqual(['8082', '8083']);
    await stopBackend(8082);
    await untilListed(8083);
    expect(await asked(2)).toEqual(['8083', '8083']);
  });

  test('all are gone: the virtual server stays without real servers, and connections are refused at once', async () => {
    await stopBackend(8083);
    await untilListed();
    const { stdout } = await onMachine(lab, 'l1', `curl -sS -m 3 -o /dev/null -w '%{exitcode} %{time_total}' http://${vip}:6443/`);
    expect(stdout).toMatch(/^7 0\.\d+$/);
  });

  test('they are started again: their rules come back one by one', async () => {
    for (const there of [[8081], [8081, 8082], [8081, 8082, 8083]]) {
      await startBackend(there.at(-1) ?? 0);
      await untilListed(...there);
      expect(ports.filter((port) => there.includes(port)).map(String)).toContain((await asked(1))[0]);
    }
    expect(await asked(6)).toEqual(['8081', '8081', '8082', '8082', '8083', '8083']);
  });

  test('a backend falls silent: the connection to it ends, those to others stay', async () => {
    const held = await holdConnections(lab, 'l1', { host: vip, port: 6443, count: 3 });
    expect(held.answers.map(nameIn).toSorted()).toEqual(['8081', '8082', '8083']);
    const seconds = await silenced(8082, () => held.ended(1));
    process.stderr.write(`IPVS: the connection to a silent backend ended after ${seconds.toFixed(2)} s\n`);
    expect(seconds).toBeLessThan(5);
    await untilListed(8081, 8082, 8083);
    expect(held.ends()).toEqual(['ECONNABORTED']);
    expect(await logOfDaemon()).toContainEqual(expect.objectContaining({ backend: '127.0.0.1:8082', connections: 1 }));
    const established = await outputOf(lab, 'l1', 'ipvsadm -Lnc | awk \'$3 == "ESTABLISHED" { print $6 }\' | sort');
    expect(established.split('\n')).toEqual(['127.0.0.1:8081', '127.0.0.1:8083']);
    await held.close();
  });

  test('what others change in our virtual server is mended; their own is not touched', async () => {
    const other = `ipvsadm -a -t ${vip}:6443 -r 192.0.2.99:1 -m -w 7; ipvsadm -d -t ${vip}:6443 -r 127.0.0.1:8083; ipvsadm -E -t ${vip}:6443 -s wlc -p 60`;
    await outputOf(lab, 'l1', other);
    await untilListed(8081, 8082, 8083);
    expect(await outputOf(lab, 'l1', 'ipvsadm -Ln')).toMatch(/203\.0\.113\.1:80 wlc\n +-> 192\.0\.2\.11:80 +Masq/);
    expect((await logOfDaemon()).at(-1)).toMatchObject({ level: 'warn', message: 'somebody changed the table; it is mended' });
  });

  test.each(['kill -s KILL', 'restart'])('systemctl %s: the next daemon finds the rules in place and changes nothing', async (how) => {
    const held = await holdConnections(lab, 'l1', { host: vip, port: 6443, count: 3 });
    const [state, first] = [await machineState(), await processOfDaemon()];
    await outputOf(lab, 'l1', `systemctl ${how} trivet-care`);
    expect(ports.map(String)).toContain((await asked(1))[0]);
    await until('another daemon has applied its table', 20, async () => {
      return (await processOfDaemon()) !== first && (await logOfDaemon()).some(({ subject }) => subject === 'table');
    });
    const tables = (await logOfDaemon()).filter(({ subject }) => subject === 'table');
    const message = `table: serve ${ports.map((port) => `127.0.0.1:${port}=1`).join(' ')}`;
    expect(tables).toMatchObject([{ message, changes: [] }]);
    expect(await machineState()).toBe(state);
    expect(held.ends()).toEqual([]);
    await held.close();
  });

  test('stopped, its rules go on working; --clean leaves nothing, and does so twice', async () => {
    await outputOf(lab, 'l1', 'systemctl stop trivet-care');
    expect(ports.map(String)).toContain((await asked(1))[0]);
    expect(await machineState()).not.toBe(before);
    await outputOf(lab, 'l1', `trivet care ${seed} --clean`);
    expect(await machineState()).toBe(before);
    expect((await onMachine(lab, 'l1', `trivet care ${seed} --clean`)).stderr).toBe('');
  });

  test('IPv6: the same words with IPv6 addresses', async () => {
    await startDaemon(seed6);
    await untilListed6(8081, 8082, 8083);
    expect(await asked(3, vip6)).toEqual(['8081', '8082', '8083']);
    await stopBackend(8081);
    await untilListed6(8082, 8083);
    const held = await holdConnections(lab, 'l1', { host: vip6, port: 6443, count: 2 });
    expect(held.answers.map(nameIn).toSorted()).toEqual(['8082', '8083']);
    await silenced(8082, () => held.ended(1));
    await untilListed6(8082, 8083);
    expect(held.ends()).toEqual(['ECONNABORTED']);
    await held.close();
    await startBackend(8081);
    await untilListed6(8081, 8082, 8083);
    await outputOf(lab, 'l1', `systemctl stop trivet-care; trivet care ${seed6} --clean`);
    expect(await machineState()).toBe(before);
  });
});

test.each([
  { vs: `${vip}:6443`, far: '198.51.100.2:8084', own: '198.51.100.1:8081' },
  { vs: `[${vip6}]:6443`, far: '[2001:db8:51::2]:8084', own: '[2001:db8:51::1]:8081' },
])("run-once, $vs: another machine's backend beside this one's own, both are reached", async ({ vs, far, own }) => {
  const words = `--vs ${vs} --rs ${far} --rs ${own} --no-prefer-local --health-path / --health-schem http --backend ipvs`;
  await outputOf(lab, 'l1', `trivet care ${words} --run-once`);
  expect(await asked(4, vs.replace(/\[|\]?:6443/g, ''))).toEqual(['8081', '8081', 'far', 'far']);
  await outputOf(lab, 'l1', `trivet care ${words} --clean`);
  expect(await machineState()).toBe(before);
});

describe('the data plane alone', () => {
  let plane: DataplaneOnMachine;

  beforeAll(async () => {
    plane = await openOnMachine(lab, 'l1', { service: `${vip}:6443`, kind: 'ipvs', mode: 'route' });
  });
  afterAll(() => plane.end());

  test('of a weight of 0 a backend keeps its connections and gets no new ones', async () => {
    await plane.ask({ do: 'open' });
    await plane.ask({ do: 'apply', table: 'serve', targets: [{ backend: '127.0.0.1:8081', weight: 1 }] });
    const held = await holdConnections(lab, 'l1', { host: vip, port: 6443, count: 2 });
    const [drains, serves] = [
      { backend: '127.0.0.1:8081', weight: 0 },
      { backend: '127.0.0.1:8083', weight: 1 },
    ];
    await plane.ask({ do: 'apply', table: 'serve', targets: [drains, serves] });
    expect(await asked(4)).toEqual(['8083', '8083', '8083', '8083']);
    expect((await plane.ask({ do: 'connections' })).result).toEqual({ '127.0.0.1:8081': 2 });
    expect(held.ends()).toEqual([]);
    await held.close();
    await plane.ask({ do: 'clean' });
    expect(await machineState()).toBe(before);
    expect((await plane.ask({ do: 'clean' })).result).toEqual([]);
  });

  test.each([
    ['ipvs', vip, '127.0.0.1'],
    ['nft', vip, '127.0.0.1'],
    ['ipvs', vip6, '[2001:db8:51::1]'],
  ])('mode link, %s, %s: the VIP on a dummy interface, masqueraded', async (kind, ip, backend) => {
    const service = ip === vip6 ? `[${ip}]:6443` : `${ip}:6443`;
    const targets = [8081, 8082].map((port) => ({ backend: `${backend}:${port}`, weight: 1 }));
    await plane.ask({ do: 'open', kind, service, mode: 'link' });
    await plane.ask({ do: 'apply', table: 'serve', targets });
    expect(await outputOf(lab, 'l1', 'ip -br addr show dev lvscare')).toContain(` ${ip}/`);
    expect(await asked(4, ip)).toEqual(['8081', '8081', '8082', '8082']);
    expect((await plane.ask({ do: 'apply', table: 'serve', targets })).result).toEqual([]);
    await plane.ask({ do: 'clean', service, mode: 'link' });
    expect(await machineState()).toBe(before);
  });
});

/** With the unit that care prints for these words. */
async function startDaemon(words: string): Promise<void> {
  const unit = '/etc/systemd/system/trivet-care.service';
  await outputOf(lab, 'l1', `trivet care ${words} --print-unit > ${unit} && systemctl daemon-reload && systemctl start trivet-care`);
}

async function processOfDaemon(): Promise<string> {
  return outputOf(lab, 'l1', 'systemctl show --property=MainPID --value trivet-care');
}

/** Of the process that runs now. */
async function logOfDaemon(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const text = await outputOf(lab, 'l1', `journalctl --sync; journalctl --output=cat _PID=${await processOfDaemon()}`);
  return text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
}

function startBackend(port: number): Promise<void> {
  return startServer(lab, 'l1', `nginx${port}`, '::', port, `${port}`);
}

async function stopBackend(port: number): Promise<void> {
  await outputOf(lab, 'l1', `systemctl stop nginx${port}`);
}

/** All packets from and to it are dropped while that is awaited; seconds that it took. */
async function silenced(port: number, ended: () => Promise<void>): Promise<number> {
  const drop = ['sport', 'dport'].map((side) => `add rule inet silent input tcp ${side} ${port} drop`).join('; ');
  const startedMs = performance.now();
  await outputOf(lab, 'l1', `nft 'add table inet silent; add chain inet silent input { type filter hook input priority -200; }; ${drop}'`);
  await ended();
  const seconds = (performance.now() - startedMs) / 1000;
  await outputOf(lab, 'l1', 'nft delete table inet silent');
  return seconds;
}

/** Names of who answered, sorted. */
async function asked(times: number, ip = vip): Promise<readonly string[]> {
  const host = ip.includes(':') ? `[${ip}]` : ip;
  return (await askNew(lab, 'l1', `http://${host}:6443/`, times)).map(nameIn).toSorted();
}

function nameIn(answer: string): string {
  return answer.split(' ')[0] ?? '';
}

function untilListed(...there: readonly number[]): Promise<void> {
  return untilRules(`${vip}:6443`, '127.0.0.1', there);
}

function untilListed6(...there: readonly number[]): Promise<void> {
  return untilRules(`[${vip6}]:6443`, '[::1]', there);
}

/** As seed 003 shows them, within 10 s: what others change is mended every 5 s. */
async function untilRules(vs: string, ip: string, there: readonly number[]): Promise<void> {
  const wanted = [`TCP ${vs} rr`, ...there.map((port) => `-> ${ip}:${port} Masq 1`)];
  const deadlineMs = performance.now() + 10_000;
  let seen: readonly string[];
  do seen = await rulesOf(vs);
  while (!isDeepStrictEqual(seen, wanted) && performance.now() < deadlineMs);
  expect(seen).toEqual(wanted);
}

/** `ipvsadm -Ln` of one virtual server, without the counters of connections. */
async function rulesOf(vs: string): Promise<readonly string[]> {
  const lines = (await outputOf(lab, 'l1', 'ipvsadm -Ln')).split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '));
  const start = lines.findIndex((line) => line.includes(vs));
  const end = lines.findIndex((line, index) => index > start && line.startsWith('TCP'));
  return lines.slice(start, end === -1 ? undefined : end).map((line) => line.replace(/ \d+ \d+$/, ''));
}

/** All that care could have changed. */
async function machineState(): Promise<string> {
  const kernel = 'nft list ruleset; ipvsadm -S -n; ip addr; ip -4 route show table all; ip -6 route show table all; ip -br link';
  const settings =
    'sysctl -a 2> /dev/null | grep -E "arp_|route_localnet|[.]vs[.]" | grep -vE "lvscare|[.](am|drop|amem)"; find /var/lib/trivet-care* -type f';
  return outputOf(lab, 'l1', `{ ${kernel}; ${settings}; } 2> /dev/null | sed -E "s/ (valid_lft|preferred_lft|expires) [^ ]+//g"; true`);
}
