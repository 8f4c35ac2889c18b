/** care's nft and proxy on real machines: what the rules do to new and established connections, what they survive, and what clean leaves. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labDown } from '../../src/lab/lab-down.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { emit, onMachine, outputOf } from './on-lab.ts';
import { type DataplaneOnMachine, installDriver, openOnMachine } from './parts/dataplane-on-machine.ts';
import { askNew, holdConnections, startServer } from './parts/tcp-on-machine.ts';

const lab = 'careplane';
const shape = { masters: 2, workers: 1, etcd: 0, lb: 0, lbKernel: 'shared' } as const;
const packages = ['conntrack', 'curl', 'iproute2', 'ipvsadm', 'kmod', 'nftables'];

let scratch: string;
let stateBefore: string | undefined;

beforeAll(async () => {
  stateBefore = process.env.XDG_STATE_HOME;
  scratch = await mkdtemp(join(tmpdir(), 'trivet-careplane-test-'));
  process.env.XDG_STATE_HOME = scratch;
  await labUp({ name: lab, shape, packages, emit });
  await installDriver(lab, 'm1', scratch);
  for (const [machine, ip6] of [
    ['m1', '2001:db8::11'],
    ['m2', '2001:db8::12'],
    ['w1', '2001:db8::21'],
  ] as const) {
    await outputOf(lab, machine, `ip addr add ${ip6}/64 dev eth0 nodad`);
    await startServer(lab, machine, 'server', '::', 6443, machine);
  }
  // As a node has it with a CNI: a namespace behind it, whose addresses the masters do not know.
  await outputOf(
    lab,
    'm1',
    `set -e; sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; ip netns add pod
     ip link add pod0 type veth peer name eth0 netns pod; ip link set pod0 addrgenmode none up
     ip -n pod link set lo up; ip -n pod link set eth0 addrgenmode none up
     ip addr add 198.51.100.1/24 dev pod0; ip -n pod addr add 198.51.100.2/24 dev eth0; ip -n pod route add default via 198.51.100.1
     ip addr add 2001:db8:1::1/64 dev pod0 nodad; ip -n pod addr add 2001:db8:1::2/64 dev eth0 nodad
     ip -n pod -6 route add default via 2001:db8:1::1`,
  );
});

afterAll(async () => {
  await labDown(lab, { emit });
  if (stateBefore === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = stateBefore;
  await rm(scratch, { recursive: true, force: true });
});

const families = [
  { name: 'IPv4', family: 'ip', vip: '10.103.97.2', m1: '192.0.2.11', m2: '192.0.2.12', w1: '192.0.2.21', loopback: '127.0.0.1' },
  { name: 'IPv6', family: 'ip6', vip: 'fd00:103::2', m1: '2001:db8::11', m2: '2001:db8::12', w1: '2001:db8::21', loopback: '::1' },
] as const;

describe.each(families)('nft, $name', ({ family, vip, m1, m2, w1, loopback }) => {
  const url = `http://${at(vip)}/`;
  const table = `${family} trivet-care-${vip.replaceAll(/[.:]/g, '-')}-6443`;
  const common = { service: at(vip), kind: 'auto', mode: 'route' };
  // Servers of the machine itself listen on all its addresses, the VIP on lo included: the proxy needs a port of its own.
  const proxied = { service: at(vip, 7443) };
  const proxiedUrl = `http://${at(vip, 7443)}/`;
  const seenAs = (ip: string) => (family === 'ip' ? `::ffff:${ip}` : ip);
  let before: string;
  let plane: DataplaneOnMachine;

  beforeAll(async () => {
    before = await machineState();
    plane = await openOnMachine(lab, 'm1', common);
  });

  afterAll(async () => {
    await plane.end();
  });

  test('is chosen by itself, and changes nothing before the first table', async () => {
    expect(await plane.ask({ do: 'open' })).toMatchObject({ kind: 'nft', detail: `nft, table ${table}` });
    expect(await machineState()).toBe(before);
  });

  test('new connections go to both backends in turn, with the node’s own source', async () => {
    expect((await plane.ask(serve(m2, w1))).result).not.toEqual([]);
    expect((await askNew(lab, 'm1', url, 10)).toSorted()).toEqual([
      ...Array(5).fill(`m2 ${seenAs(m1)}`),
      ...Array(5).fill(`w1 ${seenAs(m1)}`),
    ]);
  });

  test('from another network namespace too, with the node’s source', async () => {
    expect((await askNew(lab, 'm1', url, 4, 'pod')).toSorted()).toEqual([
      ...Array(2).fill(`m2 ${seenAs(m1)}`),
      ...Array(2).fill(`w1 ${seenAs(m1)}`),
    ]);
  });

  test('the same table again changes nothing', async () => {
    expect(await plane.ask(serve(m2, w1))).toMatchObject({ result: [], logged: [] });
  });

  test('one is removed: new connections go to the other, at once', async () => {
    const { ms } = await plane.ask(serve(w1));
    process.stderr.write(`${table}: a table of one backend in ${ms.toFixed(1)} ms\n`);
    expect(new Set(await askNew(lab, 'm1', url, 6))).toEqual(new Set([`w1 ${seenAs(m1)}`]));
  });

  test('connections to the one that is down are cut here and in other namespaces; others stay', async () => {
    await plane.ask(serve(m2));
    const others = await holdConnections(lab, 'm1', { host: vip, port: 6443, count: 2 });
    await plane.ask(serve(w1));
    const own = await holdConnections(lab, 'm1', { host: vip, port: 6443, count: 3 });
    const pod = await holdConnections(lab, 'm1', { host: vip, port: 6443, count: 2, within: 'pod' });
    expect([...others.answers, ...own.answers, ...pod.answers]).toEqual([
      ...Array(2).fill(`m2 ${seenAs(m1)}`),
      ...Array(5).fill(`w1 ${seenAs(m1)}`),
    ]);
    expect((await plane.ask({ do: 'connections' })).result).toEqual({ [at(m2)]: 2, [at(w1)]: 5 });
    await plane.ask(serve(m2));
    const { result, ms, logged } = await plane.ask({ do: 'cut', backend: at(w1) });
    process.stderr.write(`${table}: 5 of 7 connections cut in ${ms.toFixed(1)} ms\n`);
    expect({ result: Number(result) >= 5, logged }).toEqual({ result: true, logged: [] });
    await Promise.all([own.ended(3), pod.ended(2)]);
    expect([...own.ends(), ...pod.ends()]).toEqual(Array(5).fill('ECONNABORTED'));
    expect(others.ends()).toEqual([]);
    expect((await plane.ask({ do: 'connections' })).result).toEqual({ [at(m2)]: 2 });
    await Promise.all([others.close(), own.close(), pod.close()]);
  });

  test('what is not ours goes from our table; another table is not touched', async () => {
    await outputOf(lab, 'm1', `nft 'add table ${family} mine; add chain ${family} mine c; add rule ${family} mine c counter'`);
    const mine = await outputOf(lab, 'm1', `nft list table ${family} mine`);
    const ours = await outputOf(lab, 'm1', `nft list table ${table}`);
    await outputOf(
      lab,
      'm1',
      `nft 'insert rule ${table} output tcp dport 6443 drop; add chain ${table} stranger; add set ${table} s { type mark; }'`,
    );
    expect((await askNew(lab, 'm1', url, 1))[0]).toMatch(/^curl/);
    expect((await plane.ask(serve(m2))).result).not.toEqual([]);
    expect(await outputOf(lab, 'm1', `nft list table ${table}`)).toBe(ours);
    expect(await outputOf(lab, 'm1', `nft list table ${family} mine`)).toBe(mine);
    await outputOf(lab, 'm1', `nft insert rule ${table} output tcp dport 6443 drop`);
    await plane.ask(serve(m2));
    expect(await outputOf(lab, 'm1', `nft list table ${table}`)).toBe(ours);
    await outputOf(lab, 'm1', `nft delete table ${family} mine`);
  });

  test('the table and the route taken away are made again', async () => {
    await outputOf(lab, 'm1', `nft delete table ${table}; ip -${family === 'ip' ? 4 : 6} route flush proto 116`);
    expect((await plane.ask(serve(m2))).result).toHaveLength(3);
    expect(await askNew(lab, 'm1', url, 1)).toEqual([`m2 ${seenAs(m1)}`]);
  });

  test('nobody is there: new connections are refused at once, here and in other namespaces; what is established stays', async () => {
    const held = await holdConnections(lab, 'm1', { host: vip, port: 6443, count: 1 });
    await plane.ask({ do: 'apply', table: 'reject', targets: [{ backend: at(m2), weight: 0 }] });
    for (const within of ['', 'ip netns exec pod ']) {
      const { stdout } = await onMachine(lab, 'm1', `${within}curl -gsS -m 3 -o /dev/null -w '%{exitcode} %{time_total}' '${url}'`);
      expect(stdout).toMatch(/^7 0\.0\d+$/);
    }
    expect(held.ends()).toEqual([]);
    await held.close();
  });

  test('the machine itself as backend, by its own address and by loopback', async () => {
    await plane.ask(serve(m1));
    expect(await askNew(lab, 'm1', url, 1)).toEqual([`m1 ${seenAs(m1)}`]);
    expect((await askNew(lab, 'm1', url, 1, 'pod'))[0]).toMatch(/^m1 /);
    const { logged } = await plane.ask(serve(loopback));
    expect(logged.join()).toContain('not from pods');
    expect((await askNew(lab, 'm1', url, 1))[0]).toMatch(/^m1 /);
    expect(await askNew(lab, 'm1', url, 1, 'pod')).toEqual(['curl 7']);
  });

  test('a killed nft is replaced; 200 backends fit', async () => {
    await plane.ask(serve(m2, w1));
    await outputOf(lab, 'm1', 'kill -9 $(pidof nft)');
    expect(await plane.ask(serve(w1))).toMatchObject({ logged: [] });
    const many = Array.from({ length: 200 }, (_, index) => (family === 'ip' ? `192.0.2.${index + 50}` : `2001:db8::${index + 50}`));
    const { ms } = await plane.ask(serve(...many));
    expect((await plane.ask(serve(...many))).result).toEqual([]);
    process.stderr.write(`${table}: 200 backends in ${ms.toFixed(1)} ms\n`);
  });

  test('the rules survive kill -9 of the daemon; its successor finds them as they should be', async () => {
    await plane.ask(serve(m2));
    await plane.kill();
    expect(await askNew(lab, 'm1', url, 2)).toEqual(Array(2).fill(`m2 ${seenAs(m1)}`));
    plane = await openOnMachine(lab, 'm1', common);
    await plane.ask({ do: 'open' });
    expect((await plane.ask(serve(m2))).result).toEqual([]);
  });

  test('clean leaves the machine as it was, also the second time', async () => {
    expect((await plane.ask({ do: 'clean' })).result).not.toEqual([]);
    expect(await machineState()).toBe(before);
    expect((await plane.ask({ do: 'clean' })).result).toEqual([]);
  });

  test('an address of the machine itself is refused', async () => {
    await expect(plane.ask({ do: 'open', kind: 'nft', service: at(m1) })).rejects.toThrow(/CARE_DATAPLANE.*own address, on eth0/);
  });

  test('proxy: the VIP on lo, new connections in turn, cut, nobody else hears of it, clean', async () => {
    await plane.ask({ do: 'open', kind: 'proxy', ...proxied });
    await plane.ask(serve(m2, w1));
    expect((await askNew(lab, 'm1', proxiedUrl, 4)).toSorted()).toEqual([
      ...Array(2).fill(`m2 ${seenAs(m1)}`),
      ...Array(2).fill(`w1 ${seenAs(m1)}`),
    ]);
    await outputOf(lab, 'm2', `ip -${family === 'ip' ? 4 : 6} route add ${vip} dev eth0`);
    expect((await askNew(lab, 'm2', proxiedUrl, 1))[0]).toMatch(/^curl (7|28)$/);
    await outputOf(lab, 'm2', `ip -${family === 'ip' ? 4 : 6} route del ${vip} dev eth0`);
    await plane.ask(serve(w1));
    const held = await holdConnections(lab, 'm1', { host: vip, port: 7443, count: 3 });
    expect((await plane.ask({ do: 'cut', backend: at(w1) })).result).toBe(3);
    await held.ended(3);
    expect(held.ends()).toEqual(Array(3).fill('ECONNRESET'));
    await plane.ask({ do: 'close' });
    await plane.ask({ do: 'clean', ...proxied });
    expect(await machineState()).toBe(before);
  });

  test('proxy: a port that another program has is said', async () => {
    await plane.ask({ do: 'open', kind: 'proxy' });
    await expect(plane.ask(serve(m2, w1))).rejects.toThrow(/CARE_DATAPLANE.*port 6443 of .* is in use/);
    await plane.ask({ do: 'clean' });
    expect(await machineState()).toBe(before);
  });

  test('what a proxy left is removed when nft takes over', async () => {
    await plane.ask({ do: 'open', kind: 'proxy', ...proxied });
    await plane.ask(serve(m2));
    await plane.kill();
    plane = await openOnMachine(lab, 'm1', common);
    await plane.ask({ do: 'open', kind: 'nft', ...proxied });
    await plane.ask(serve(m2));
    expect(await askNew(lab, 'm1', proxiedUrl, 1)).toEqual([`m2 ${seenAs(m1)}`]);
    await plane.ask({ do: 'clean', ...proxied });
    expect(await machineState()).toBe(before);
  });
});

test('IPVS, which the box’s kernel lacks, is refused with the reason', async () => {
  const plane = await openOnMachine(lab, 'm1', { service: '10.103.97.2:6443', mode: 'route' });
  await expect(plane.ask({ do: 'open', kind: 'ipvs' })).rejects.toThrow(/CARE_DATAPLANE.*ipvs: this kernel has no IP_VS/);
  await plane.end();
});

function at(ip: string, port = 6443): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function serve(...ips: readonly string[]): Readonly<Record<string, unknown>> {
  return { do: 'apply', table: 'serve', targets: ips.map((ip) => ({ backend: at(ip), weight: 1 })) };
}

/** Everything that a data plane could have changed. */
async function machineState(): Promise<string> {
  const kernel = 'nft list ruleset; ip -4 addr; ip -6 addr; ip -4 route show table all; ip -6 route show table all; ip rule';
  const settings =
    'sysctl -a 2> /dev/null | grep -E "arp_|route_localnet|rp_filter|forward|[.]vs[.]"; ls /var/lib/trivet-care-test 2> /dev/null';
  return outputOf(
    lab,
    'm1',
    `{ ${kernel}; ${settings}; } | sed -E "s/ (expires|valid_lft|preferred_lft) [^ ]+//g; s/[0-9]+(sec)//g"; true`,
  );
}
