/** Faults put on one bare machine for real: they break what they should and no more, and end early, late, and when their operator is killed. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Connections, openConnections } from '../../src/connection/open-connections.ts';
import type { FaultName, InjectInput } from '../../src/drill/faults/fault.ts';
import { faultsLeftOn } from '../../src/drill/faults/faults-left.ts';
import { inject } from '../../src/drill/faults/inject.ts';
import { whyNotPossible } from '../../src/drill/faults/possible.ts';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { powerOn } from '../../src/lab/power.ts';
import { labSwitchNamespace, runInLab } from '../../src/lab/run-in-lab.ts';
import { packageRoot } from '../../src/local/package-root.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import type { Connection } from '../../src/model/connection.ts';
import type { Host } from '../../src/model/host.ts';
import { bind, specOf } from '../fake-machine/rehearsal.ts';
import { emit, until } from './on-lab.ts';
import { emptyStatus } from './parts/empty-status.ts';

const lab = 'faults';
// As the tests of trivet care have them: one image for all.
const packages = ['conntrack', 'curl', 'iproute2', 'ipvsadm', 'kmod', 'nftables'];
const signal = new AbortController().signal;
/** Where another master would be: an address of the box, in the lab's network. */
const otherMaster = '192.0.2.12';
let file = '';
let cluster: Cluster;
let victim: Host;
let connections: Connections;
let machine: Connection;

beforeAll(async () => {
  await labDown(lab, { emit });
  file = (await labUp({ name: lab, shape: { masters: 1, workers: 0, etcd: 0, lb: 0 }, packages, etcdDiskMb: 256, emit })).clusterFile;
  const text = readFileSync(file, 'utf8');
  const others = [otherMaster, '192.0.2.13'].map((address, index) => `    - {name: m${index + 2}, address: ${address}, roles: [master]}\n`);
  cluster = { ...bind(specOf(`${text}${others.join('')}`), undefined) };
  const [first] = cluster.hosts;
  if (first === undefined) throw new Error('the lab has no machine');
  victim = first;
  connections = openConnections({ environment: process.env, prefix: ['nsenter', `--net=${labSwitchNamespace(lab)}`] });
  machine = await connections.connect(victim);
  await inLab('ip', 'address', 'add', `${otherMaster}/24`, 'dev', 'br0');
  await onIt('mkdir -p /run/sshd; /usr/sbin/sshd -p 2222');
});

afterEach(async () => {
  expect(await traces()).toBe('');
});

afterAll(async () => {
  await connections?.closeAll();
  await labDown(lab, { emit });
});

describe('faults of the network', () => {
  test('machine-isolated: only the operator’s SSH and loopback are left; it is told of; twice is once; healed early it is disarmed', async () => {
    const before = monotonicMs();
    const injected = await put('machine-isolated', { id: 'one' });
    expect(injected.atMs).toBeGreaterThan(before);
    expect(injected.atMs).toBeLessThan(monotonicMs());
    expect([await answers(22), await answers(2222), await answers(22, otherMaster)]).toEqual([true, false, false]);
    expect(await onIt('bash -c "exec 3<> /dev/tcp/127.0.0.1/2222; head -c 4 <&3"')).toBe('SSH-');
    expect(await faultsLeftOn(connections.connect, [victim])).toEqual([
      expect.stringMatching(
        /^machine-isolated of drill one is on m1: m1 undoes it by itself in \d+ s; to undo it now: ssh root@192.0.2.11 sh \/var/,
      ),
    ]);
    await expect(put('machine-mute', { id: 'two' })).rejects.toMatchObject({
      code: 'DRILL_FAULT',
      message: expect.stringContaining('drill one'),
    });
    expect(await answers(2222)).toBe(false);
    const again = await put('machine-isolated', { id: 'one' });
    const healed = await again.heal();
    expect(healed.atMs).toBeLessThan(monotonicMs());
    expect(await answers(2222)).toBe(true);
    expect(await again.heal()).toEqual(healed);
    await injected.heal();
  });

  test.each<[FaultName, boolean]>([
    ['machine-deaf', false],
    ['machine-mute', false],
    ['master-cut-off', true],
    ['multicast-blocked', true],
    ['packet-loss', true],
  ])('%s goes in and out; clients are served meanwhile: %s', async (fault, served) => {
    const injected = await put(fault);
    if (fault !== 'packet-loss') expect(await answers(2222)).toBe(served);
    expect(await onIt('nft list table inet trivet-drill')).toContain('drop');
    if (fault === 'master-cut-off') expect(await answers(2222, otherMaster)).toBe(false);
    await injected.heal();
    expect([await answers(2222), await answers(2222, otherMaster)]).toEqual([true, true]);
  });

  test('machine-power-off without a switch: nobody reaches it, its operator neither, until it comes back by itself', async () => {
    const limitSeconds = 6;
    const injected = await put('machine-power-off', { limitSeconds });
    await until('the machine is gone', 3, async () => !(await answers(22)), 50);
    const healed = await injected.heal();
    expect(healed.atMs - injected.atMs).toBeGreaterThan((limitSeconds - 2) * 1000);
    expect(healed.atMs - injected.atMs).toBeLessThan((limitSeconds + 3) * 1000);
    expect(await answers(2222)).toBe(true);
  });

  test('the operator is killed: the machine undoes the fault by itself, and not before its time', async () => {
    const limitSeconds = 8;
    const child = spawn(
      process.execPath,
      [join(packageRoot(), 'test/lab/parts/inject-and-wait.ts'), file, 'machine-isolated', 'orphan', String(limitSeconds)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    expect(line).toBe('injected');
    const injectedMs = monotonicMs();
    child.kill('SIGKILL');
    expect(await answers(2222)).toBe(false);
    await until('the machine answers again', 15, () => answers(2222), 100);
    const seconds = (monotonicMs() - injectedMs) / 1000;
    console.log(`undone ${seconds.toFixed(1)} s after it went in, its limit being ${limitSeconds} s`);
    expect(seconds).toBeGreaterThan(limitSeconds / 2);
    // What nobody has asked for yet: when it was healed.
    await until(
      'its note',
      10,
      async () => (await onIt('cat /run/trivet-drill-orphan.healed; rm /run/trivet-drill-orphan.healed')).startsWith('healed '),
      200,
    );
    await until('its traces are gone', 10, async () => (await traces()) === '', 200);
  });
});

describe('faults of processes', () => {
  beforeAll(async () => {
    const unit = '[Service]\nExecStart=/bin/sleep infinity\nRestart=always\nRestartSec=200ms\n';
    await machine.write('/etc/systemd/system/kubelet.service', unit, { mode: 0o644, owner: 'root:root' });
    // What only looks like a static pod is left alone: pods of the API have a UUID.
    await onIt(`cp /bin/sleep /run/kube-apiserver; systemctl daemon-reload; systemctl start kubelet
systemd-run -q --unit=static -p Restart=always --slice=kubepods-burstable-pod16bba7278c142d71d32e7d1b4f666c8c.slice /run/kube-apiserver infinity
systemd-run -q --unit=user --slice=kubepods-burstable-pod16bba727_8c14_2d71_d32e_7d1b4f666c8c.slice /run/kube-apiserver infinity
/run/kube-apiserver infinity > /dev/null 2>&1 &`);
  });

  const pidOf = (unit: string) => onIt(`systemctl show -p MainPID --value ${unit}`);
  const stateOf = async (unit: string) => (await onIt(`sed -n 's/^State:.//p' /proc/${await pidOf(unit)}/status`)).slice(0, 1);

  test.each([
    ['kubelet', 'kubelet'],
    ['apiserver', 'static'],
  ] as const)('%s killed and restarted: another process; frozen: the same one, which goes on', async (name, unit) => {
    const first = await pidOf(unit);
    const others = await pidOf('user');
    await (await put(`${name}-killed`)).heal();
    const second = await pidOf(unit);
    expect(second).not.toBe(first);
    await (await put(`${name}-restarted`)).heal();
    const third = await pidOf(unit);
    expect(third).not.toBe(second);
    const frozen = await put(`${name}-frozen`);
    expect([await stateOf(unit), await stateOf('user')]).toEqual(['T', 'S']);
    await frozen.heal();
    expect([await stateOf(unit), await pidOf(unit), await pidOf('user')]).toEqual(['S', third, others]);
  });

  test('a frozen process that was killed meanwhile, and whose supervisor started another, is no hindrance', async () => {
    const frozen = await put('apiserver-frozen');
    await onIt(`kill -9 ${await pidOf('static')}`);
    await frozen.heal();
    expect(await stateOf('static')).toBe('S');
  });
});

describe('other faults', () => {
  test('etcd’s disk is filled to the last block, and empty again', async () => {
    const injected = await put('etcd-disk-full');
    expect((await machine.run(['dd', 'if=/dev/zero', 'of=/var/lib/etcd/more', 'bs=4k', 'count=1'])).stderr).toContain('No space left');
    await injected.heal();
    expect(await onIt('rm -f /var/lib/etcd/more; ls /var/lib/etcd | grep -v lost+found; true')).toBe('');
  });

  test('a reboot is proved by another boot id; the machine’s own undo is still armed after it', async () => {
    const bootId = 'cat /proc/sys/kernel/random/boot_id';
    const before = await onIt(bootId);
    const real = { ...cluster, lab: undefined };
    const injected = await put('machine-reboot', { view: { cluster: real, status: emptyStatus } });
    // The lab's machines stay off after a reboot; others would not.
    await until('the machine is off', 30, async () => await powerOn({ lab, machine: 'm1', emit }));
    expect(await onIt('systemctl is-active trivet-drill-undo-test.timer')).toBe('active');
    await injected.heal();
    expect(await onIt(bootId)).not.toBe(before);
  });

  test.each<[FaultName, RegExp]>([
    ['clock-moved', /container/],
    ['machine-frozen', /in the lab only/],
    ['machine-reboot', /power switch/],
    ['containerd-killed', /does not run there/],
    ['vip-drift', /does not run there/],
    ['balancer-killed', /has no balancer/],
    ['scheduler-frozen', /no kube-scheduler of a static pod/],
  ])('%s is not possible there, with the reason; put in nevertheless it is refused and leaves nothing', async (fault, why) => {
    const input = { fault, victim, view: { cluster, status: emptyStatus }, connect: connections.connect, power: undefined };
    expect(await whyNotPossible(input)).toMatch(why);
    await expect(put(fault)).rejects.toMatchObject({ code: 'DRILL_FAULT', message: expect.stringMatching(why) });
  });
});

function put(fault: FaultName, more: Partial<InjectInput> = {}) {
  const view = { cluster, status: emptyStatus };
  return inject({ fault, victim, view, connect: connections.connect, power: undefined, id: 'test', limitSeconds: 120, signal, ...more });
}

async function onIt(script: string): Promise<string> {
  const { code, stdout, stderr } = await machine.run(['sh', '-c', script]);
  if (code !== 0) throw new Error(`${script}: exit ${code}: ${stdout}${stderr}`);
  return stdout.trim();
}

function inLab(...argv: readonly string[]) {
  return runInLab(lab, argv, { timeoutSeconds: 20 });
}

/** Whether sshd says hello there. */
async function answers(port: number, from = '192.0.2.1'): Promise<boolean> {
  const { stdout } = await inLab('curl', '-s', '--interface', from, '--max-time', '1', `telnet://${victim.address}:${port}`);
  return stdout.startsWith('SSH-');
}

/** What a drill has left on the machine; sessions begin anew where it was rebooted. */
function traces(): Promise<string> {
  return onIt(`ls -d /var/lib/trivet-drill /run/trivet-drill* /etc/systemd/system/*trivet-drill* /etc/systemd/system/*/*trivet-drill* 2> /dev/null
nft list tables | grep trivet-drill
systemctl list-units --all --plain --no-legend 'trivet-drill*'
true`);
}
