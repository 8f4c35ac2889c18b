/** The lab on this box: real machines, real power-offs, and nothing left. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labDirectories, machineDirectories } from '../../src/lab/lab-directories.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import { requireLab, requireMachine } from '../../src/lab/lab-file.ts';
import { labSshCommand } from '../../src/lab/lab-ssh.ts';
import { labStatus } from '../../src/lab/lab-status.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { powerOff, powerOn } from '../../src/lab/power.ts';
import { enterLab, runInLab } from '../../src/lab/run-in-lab.ts';
import type { EventBody } from '../../src/model/event.ts';

const first = 'labtest';
const second = 'labtest-two';
const shape = { masters: 1, workers: 1, etcd: 0, lb: 0 } as const;
const one = { masters: 1, workers: 0, etcd: 0, lb: 0 } as const;
const emit = (event: EventBody) => {
  if (event.kind === 'progress') process.stderr.write(`${event.task}: ${event.message}\n`);
};

let state: string;
let stateBefore: string | undefined;
let sysctlsBefore: string;

beforeAll(async () => {
  stateBefore = process.env.XDG_STATE_HOME;
  state = await mkdtemp(join(tmpdir(), 'trivet-lab-test-'));
  process.env.XDG_STATE_HOME = state;
  sysctlsBefore = await sysctls();
  await labUp({ name: first, shape, emit });
});

afterAll(async () => {
  for (const name of [first, second]) await labDown(name, { emit });
  if (stateBefore === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = stateBefore;
  await rm(state, { recursive: true, force: true });
});

describe('a machine', () => {
  test('is a running systemd with sudo and no failed unit, and calls itself by its name', async () => {
    expect(await onMachine('m1', 'systemctl is-system-running --wait')).toMatchObject({ code: 0, stdout: 'running\n' });
    expect(await onMachine('m1', 'hostname; sudo -n id -u')).toMatchObject({ code: 0, stdout: 'm1\n0\n' });
  });

  test('has nothing of what trivet brings: no ip, no containerd, no curl', async () => {
    expect(await onMachine('m1', 'command -v ip containerd curl runc keepalived')).toMatchObject({ stdout: '' });
  });

  test('has a machine id and a host key of its own', async () => {
    const ids = await Promise.all(['m1', 'w1'].map(async (name) => (await onMachine(name, 'cat /etc/machine-id')).stdout));
    expect(new Set(ids).size).toBe(2);
    const knownHosts = await readFile(labDirectories(first).knownHosts, 'utf8');
    expect(new Set(knownHosts.split('\n').map((line) => line.split(' ')[2])).size).toBe(3);
  });

  test('cannot set the clock', async () => {
    const before = Date.now();
    expect((await onMachine('m1', 'date -s 2020-01-01')).stderr).toContain('Operation not permitted');
    expect(Date.now()).toBeGreaterThanOrEqual(before);
  });

  // Numbers of x86-64; a call that got through to the kernel would answer ENOENT, EFAULT or EINVAL instead.
  test.each([
    ['swapon', 167],
    ['swapoff', 168],
    ['init_module', 175],
    ['kexec_load', 246],
    ['iopl', 172],
  ])('is refused %s', async (_, number) => {
    expect(await onMachine('m1', `perl -e '$p = "/nowhere"; syscall(${number}, $p, 3, 0, 0); print "$!"'`)).toMatchObject({
      stdout: 'Operation not permitted',
    });
  });

  test('cannot change settings of the box, but those of its own network', async () => {
    expect((await onMachine('m1', 'echo 10 > /proc/sys/vm/swappiness')).stderr).toContain('Read-only file system');
    const own =
      'echo net.ipv4.ip_forward=1 > /etc/sysctl.d/90-test.conf; systemctl restart systemd-sysctl && cat /proc/sys/net/ipv4/ip_forward';
    expect(await onMachine('m1', own)).toMatchObject({ code: 0, stdout: '1\n' });
  });

  test('reaches the other machine and nothing outside', async () => {
    expect(await onMachine('m1', 'exec 3<>/dev/tcp/192.0.2.21/22; head -c 4 <&3')).toMatchObject({ stdout: 'SSH-' });
    expect((await onMachine('m1', 'timeout 5 bash -c "exec 3<>/dev/tcp/198.51.100.1/80"')).stderr).toMatch(/unreachable|No route/);
    const links = (await runInLab(first, ['cat', '/proc/net/dev'])).stdout.match(/^ *\w+(?=:)/gm)?.map((name) => name.trim());
    expect(links?.toSorted()).toEqual(['br0', 'lo', 'm1', 'w1']);
  });
});

test('labUp of the same lab changes nothing, of another shape is refused with the way out', async () => {
  expect((await labUp({ name: first, shape, emit })).booted).toEqual([]);
  await expect(labUp({ name: first, shape: { ...shape, masters: 2 }, emit })).rejects.toMatchObject({
    code: 'LAB',
    remedy: expect.stringContaining('lab down'),
  });
});

test('labUp and labDown refuse a lab that is kept in another state directory', async () => {
  const elsewhere = await mkdtemp(join(state, 'other-'));
  process.env.XDG_STATE_HOME = elsewhere;
  try {
    await expect(labUp({ name: first, shape, emit })).rejects.toMatchObject({ code: 'LAB' });
    await expect(labDown(first, { emit })).rejects.toMatchObject({ code: 'LAB', remedy: expect.stringContaining(state) });
  } finally {
    process.env.XDG_STATE_HOME = state;
  }
});

test('powerOff says no goodbye: an open connection sees neither FIN nor RST; powerOn boots from the same disk', async () => {
  await onMachine('w1', 'echo kept > /root/kept; echo kept > /var/lib/etcd/kept; echo gone > /run/gone; sync');
  const bootId = async () => (await onMachine('w1', 'cat /proc/sys/kernel/random/boot_id')).stdout;
  const before = await bootId();
  const client = openConnection('192.0.2.21');
  await client.said('data');
  expect(await powerOff({ lab: first, machine: 'w1', emit })).toBe(true);
  await delay(2000);
  expect(client.events).toEqual(['data']);
  client.process.kill('SIGKILL');
  expect((await labStatus())[0]).toMatchObject({ name: first, state: 'partly-up' });
  expect(await powerOff({ lab: first, machine: 'w1', emit })).toBe(false);

  expect(await powerOn({ lab: first, machine: 'w1', emit })).toBe(true);
  expect(await onMachine('w1', 'cat /root/kept /var/lib/etcd/kept; ls /run/gone')).toMatchObject({ stdout: 'kept\nkept\n' });
  expect(await bootId()).not.toBe(before);
});

test('the client of the test above does notice when a connection is closed', async () => {
  const client = openConnection('192.0.2.11', 'not ssh\\n');
  await client.said('end');
  client.process.kill('SIGKILL');
});

test('two labs stand side by side with the same addresses; one goes without the other', async () => {
  await labUp({ name: second, shape: one, emit });
  const ids = await Promise.all([first, second].map(async (lab) => (await onMachine('m1', 'cat /etc/machine-id', lab)).stdout));
  expect(new Set(ids).size).toBe(2);
  expect(await labDown(second, { emit })).toBe(true);
  expect(await leftOf(second)).toEqual([]);
  expect(await onMachine('m1', 'true')).toMatchObject({ code: 0 });
  expect(await labDown(second, { emit })).toBe(false);
});

/** What there is to see of `lab up` on its way; each is a moment at which it is killed. */
const moments = {
  claim: `/run/trivet/labs/${second}`,
  'lab.json': () => labDirectories(second).labFile,
  switch: `/run/netns/trivet-${second}`,
  disk: () => machineDirectories(second, 'm1').directory,
  'machine namespace': `/run/netns/trivet-${second}-m1`,
  cgroup: `/sys/fs/cgroup/pids/trivet-${second}-m1`,
  console: () => machineDirectories(second, 'm1').consoleLog,
} as const;

test.each([
  ['claim', 0],
  ['lab.json', 0],
  ['switch', 0],
  ['switch', 20],
  ['disk', 0],
  ['machine namespace', 0],
  ['machine namespace', 10],
  ['cgroup', 0],
  ['console', 0],
  ['console', 50],
  ['console', 200],
  ['console', 500],
] as const)('kill -9 of `lab up` at its %s and %i ms: `lab down` leaves nothing', async (moment, milliseconds) => {
  const up = startLab('up');
  await killAt(up, () => exists(moments[moment]), milliseconds);
  await labDown(second, { emit });
  expect(await leftOf(second)).toEqual([]);
});

test('kill -9 of `lab up`, then `lab up` again: the lab is whole', async () => {
  for (const moment of ['switch', 'machine namespace', 'console'] as const) await killAt(startLab('up'), () => exists(moments[moment]), 5);
  await labUp({ name: second, shape: one, emit });
  expect(await onMachine('m1', 'true', second)).toMatchObject({ code: 0 });
});

test('kill -9 of `lab down`, then `lab down` again: nothing is left', async () => {
  await killAt(startLab('down'), async () => !(await exists(moments.cgroup)), 0);
  await labDown(second, { emit });
  expect(await leftOf(second)).toEqual([]);
});

test('labDown leaves nothing, and with the last lab the settings of the box are as before', async () => {
  for (const name of [first, second]) {
    await labDown(name, { emit });
    expect(await leftOf(name)).toEqual([]);
  }
  // Another lab on this box keeps them; then there is nothing to compare.
  if ((await readdir('/run/trivet/labs')).length === 0) expect(await sysctls()).toBe(sysctlsBefore);
  expect(await readdir(join(state, 'trivet/labs'))).toEqual([]);
});

async function onMachine(name: string, script: string, lab = first) {
  const machine = requireMachine(await requireLab(lab), name);
  return runInLab(lab, labSshCommand(lab, machine, [script]), { timeoutSeconds: 60 });
}

/** A TCP client in the lab that reports what it sees of the connection, each kind once. */
function openConnection(address: string, text = '') {
  const script = `const s = require('net').connect(22, '${address}', () => s.write('${text}'));
    for (const e of ['data', 'end', 'error', 'close']) s.once(e, () => console.log(e));`;
  const [program = '', ...rest] = enterLab(first, [process.execPath, '-e', script]);
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const events: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => events.push(...chunk.trim().split('\n')));
  const said = async (event: string) => {
    while (!events.includes(event)) await once(child.stdout, 'data');
  };
  return { process: child, events, said };
}

function startLab(command: 'up' | 'down'): ChildProcess {
  const shapeOptions = command === 'up' ? ['--masters', '1', '--workers', '0'] : [];
  const argv = ['src/cli/main.ts', 'lab', command, '--name', second, ...shapeOptions];
  return spawn(process.execPath, argv, { stdio: 'ignore', env: process.env });
}

/** Fails when the process ended before the moment came. */
async function killAt(child: ChildProcess, come: () => Promise<boolean>, milliseconds: number): Promise<void> {
  while (!(await come())) {
    if (child.exitCode !== null) throw new Error(`it ended with status ${child.exitCode} before it could be killed`);
    await delay(1);
  }
  await delay(milliseconds);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
}

async function exists(path: string | (() => string)): Promise<boolean> {
  return stat(typeof path === 'string' ? path : path()).then(
    () => true,
    () => false,
  );
}

/** Everything of a lab that can be found on the box, by other means than the lab's own. */
async function leftOf(lab: string): Promise<readonly string[]> {
  const own = (name: string) => name === `trivet-${lab}` || /^-[mwel]\d$/.test(name.replace(`trivet-${lab}`, ''));
  const namespaces = (await readdir('/run/netns').catch(() => [])).filter(own);
  const hierarchies = await readdir('/sys/fs/cgroup');
  const cgroups = (await Promise.all(hierarchies.map((name) => readdir(`/sys/fs/cgroup/${name}`).catch(() => [])))).flat().filter(own);
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(`/labs/${lab}/`));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  const processes = commands.filter((command) => command.includes('systemd-nspawn') && command.includes(`--machine=trivet-${lab}-m`));
  const files = [...(await readdir('/run/trivet/labs')), ...(await readdir(join(state, 'trivet/labs')))].filter((name) => name === lab);
  return [...namespaces, ...cgroups, ...mounts, ...processes, ...files];
}

async function sysctls(): Promise<string> {
  const paths = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops', 'fs/inotify/max_user_instances'];
  return (await Promise.all(paths.map((path) => readFile(`/proc/sys/${path}`, 'utf8')))).join('');
}
