/** Machines of the lab that have a kernel of their own: IP_VS, its NAT, its clock; power and tear-down as for the others. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labDirectories, machineDirectories } from '../../src/lab/lab-directories.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import { requireLab } from '../../src/lab/lab-file.ts';
import { labStatus } from '../../src/lab/lab-status.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { powerOff, powerOn } from '../../src/lab/power.ts';
import { runInLab } from '../../src/lab/run-in-lab.ts';
import { emit, onMachine, outputOf, until } from '../lab/on-lab.ts';

const lab = 'umltest';
const vip = '192.0.2.100';
const shape = { masters: 2, workers: 0, etcd: 0, lb: 1, lbKernel: 'own' } as const;
const packages = ['curl', 'iproute2', 'iputils-ping', 'ipvsadm', 'keepalived', 'nftables'];

let state: string;
let stateBefore: string | undefined;

beforeAll(async () => {
  stateBefore = process.env.XDG_STATE_HOME;
  state = await mkdtemp(join(tmpdir(), 'trivet-uml-test-'));
  process.env.XDG_STATE_HOME = state;
  await labUp({ name: lab, shape, packages, emit });
});

afterAll(async () => {
  await labDown(lab, { emit });
  if (stateBefore === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = stateBefore;
  await rm(state, { recursive: true, force: true });
});

test('a machine with its own kernel is a running systemd with no failed unit, named as the others', async () => {
  expect(await onMachine(lab, 'l1', 'systemctl is-system-running --wait')).toMatchObject({ code: 0, stdout: 'running\n' });
  expect(await outputOf(lab, 'l1', 'hostname; hostname -I; cat /sys/class/net/eth0/address')).toMatch(
    /^l1\n192\.0\.2\.41 \n02:00:c0:00:02:29$/,
  );
  expect(await outputOf(lab, 'l1', 'uname -r')).toMatch(/-trivet-lab$/);
  expect(await outputOf(lab, 'l1', 'findmnt -no FSTYPE /sys/fs/cgroup')).toBe('cgroup2');
  expect((await requireLab(lab)).kernel?.source).toMatch(/^linux-source \d/);
});

test('it and the machines of the box reach each other, and it reaches nothing outside', async () => {
  await outputOf(lab, 'l1', 'ping -c 2 -W 2 192.0.2.11');
  await outputOf(lab, 'm1', 'ping -c 2 -W 2 192.0.2.41');
  expect((await onMachine(lab, 'l1', 'timeout 5 bash -c "exec 3<>/dev/tcp/198.51.100.1/80"')).stderr).toMatch(/unreachable|No route/);
});

test('its clock is its own', async () => {
  const moved = Number(await outputOf(lab, 'l1', 'date -s "+1 hour" > /dev/null && date +%s'));
  expect(moved - Date.now() / 1000).toBeGreaterThan(3500);
  expect(Math.abs(Number(await outputOf(lab, 'm1', 'date +%s')) - Date.now() / 1000)).toBeLessThan(60);
  await outputOf(lab, 'l1', 'date -s "-1 hour"');
});

test('its kernel has IP_VS with schedulers, dummy, NAT and matches for it, netem', async () => {
  const modules = ['ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_lc', 'ip_vs_wlc', 'ip_vs_sh', 'ip_vs_dh', 'dummy', 'nf_conntrack', 'xt_ipvs'];
  await outputOf(lab, 'l1', `modprobe -a ${modules.join(' ')}`);
  await outputOf(lab, 'l1', 'ipvsadm -A -t 203.0.113.1:80 -s wlc && ipvsadm -a -t 203.0.113.1:80 -r 192.0.2.11:80 -m');
  expect(await outputOf(lab, 'l1', 'ipvsadm -Ln')).toMatch(/TCP {2}203\.0\.113\.1:80 wlc[\s\S]*192\.0\.2\.11:80 +Masq/);
  await outputOf(lab, 'l1', 'ipvsadm -C');
  await outputOf(lab, 'l1', 'tc qdisc add dev lo root netem delay 1ms && tc qdisc del dev lo root');
});

/** Answers with its own name on port 6443. */
const server = `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 6443, Listen => 50, ReuseAddr => 1) or die;
my $name = $ENV{NAME}; while (my $c = $s->accept) { while (<$c>) { last if /^\\r?$/ } print $c "HTTP/1.0 200 OK\\r\\nContent-Length: " . length($name) . "\\r\\n\\r\\n$name"; close $c }`;

const keepalived = `global_defs {
  router_id l1
}
vrrp_instance vip {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority 100
  advert_int 1
  virtual_ipaddress {
    ${vip}/24
  }
}
virtual_server ${vip} 6443 {
  delay_loop 1
  lb_algo rr
  lb_kind NAT
  protocol TCP
${['192.0.2.11', '192.0.2.12'].map(realServer).join('')}}
`;

function realServer(address: string): string {
  return `  real_server ${address} 6443 {
    weight 1
    HTTP_GET {
      url {
        path /readyz
        status_code 200
      }
      connect_timeout 1
      retry 1
      delay_before_retry 1
    }
  }
`;
}

/** Replies must come back through the balancer, though clients and masters are on one network: so it takes the masters' sight of the client. */
const masquerade = `table ip trivet_lvs {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ct original ip daddr ${vip} tcp dport 6443 masquerade
  }
}
`;

test('IPVS in NAT mode by keepalived: clients on the masters’ own network are answered, a dead master goes', async () => {
  for (const machine of ['m1', 'm2'])
    await outputOf(lab, machine, `systemd-run --unit=server --setenv=NAME=${machine} perl -e ${quoted(server)}`);
  await outputOf(lab, 'l1', 'modprobe ip_vs && sysctl -qw net.ipv4.ip_forward=1 net.ipv4.vs.conntrack=1 net.ipv4.vs.expire_nodest_conn=1');
  await outputOf(lab, 'l1', 'sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0');
  await outputOf(lab, 'l1', `printf %s ${quoted(masquerade)} | nft -f -`);
  await outputOf(lab, 'l1', `printf %s ${quoted(keepalived)} > /etc/keepalived/keepalived.conf && keepalived -t`);
  await outputOf(lab, 'l1', 'systemctl restart keepalived');
  await until('both masters behind the VIP', 30, async () => (await serving()).join() === 'm1,m2');

  expect(await powerOff({ lab, machine: 'm2', emit })).toBe(true);
  const seconds = await until('m2 is taken out', 30, async () => !(await outputOf(lab, 'l1', 'ipvsadm -Ln')).includes('192.0.2.12'));
  process.stderr.write(`the dead master was out after ${seconds.toFixed(1)} s\n`);
  expect(await serving()).toEqual(['m1']);
  expect(await powerOn({ lab, machine: 'm2', emit })).toBe(true);
});

test('powerOff ends it without a word; powerOn boots it from the same disk', async () => {
  await outputOf(lab, 'l1', 'echo kept > /root/kept; echo gone > /run/gone; sync');
  const before = await outputOf(lab, 'l1', 'cat /proc/sys/kernel/random/boot_id');
  expect(await powerOff({ lab, machine: 'l1', emit })).toBe(true);
  expect(await processesOf('l1')).toEqual([]);
  expect((await labStatus())[0]).toMatchObject({ name: lab, state: 'partly-up' });
  expect(await powerOff({ lab, machine: 'l1', emit })).toBe(false);
  expect(await powerOn({ lab, machine: 'l1', emit })).toBe(true);
  expect(await onMachine(lab, 'l1', 'cat /root/kept; ls /run/gone')).toMatchObject({ stdout: 'kept\n' });
  expect(await outputOf(lab, 'l1', 'cat /proc/sys/kernel/random/boot_id')).not.toBe(before);
});

test('labUp again changes nothing; with another kernel it is refused', async () => {
  expect((await labUp({ name: lab, shape, packages, emit })).booted).toEqual([]);
  await expect(labUp({ name: lab, shape: { ...shape, lbKernel: 'shared' }, packages, emit })).rejects.toMatchObject({ code: 'LAB' });
});

test('labDown leaves nothing', async () => {
  expect(await labDown(lab, { emit })).toBe(true);
  expect(await left()).toEqual([]);
});

test.each([0, 50, 500, 2000])('kill -9 of `lab up` %i ms after the console begins: `lab down` leaves nothing', async (milliseconds) => {
  const argv = ['src/cli/main.ts', 'lab', 'up', '--name', lab, '--masters', '0', '--workers', '0', '--lb', '1', '--lb-kernel', 'own'];
  const up = spawn(process.execPath, argv, { stdio: 'ignore', env: process.env });
  const { consoleLog } = machineDirectories(lab, 'l1');
  while (!(await exists(consoleLog))) {
    if (up.exitCode !== null) throw new Error(`it ended with status ${up.exitCode} before it could be killed`);
    await delay(1);
  }
  await delay(milliseconds);
  const ended = once(up, 'exit');
  up.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  await labDown(lab, { emit });
  expect(await left()).toEqual([]);
});

/** The masters that answer on the VIP, asked from the switch's namespace over some new connections. */
async function serving(): Promise<readonly string[]> {
  const names = new Set<string>();
  for (let asked = 0; asked < 6; asked++) {
    const result = await runInLab(lab, ['curl', '-sS', '-m', '3', `http://${vip}:6443/readyz`], { timeoutSeconds: 10 });
    names.add(result.code === 0 ? result.stdout : `curl: ${result.code}`);
  }
  return [...names].sort();
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Pids of the machine's processes; what is dead and only waits for the box's init to collect it is none. */
async function processesOf(machine: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const own = await Promise.all(
    pids.map(async (pid) => (await read(pid, 'cgroup')).includes(`trivet-${lab}-${machine}`) && !/\) Z /.test(await read(pid, 'stat'))),
  );
  return pids.filter((_, index) => own[index]);
}

/** Everything of the lab that can be found on the box, by other means than the lab's own. */
async function left(): Promise<readonly string[]> {
  const own = (name: string) => name === `trivet-${lab}` || name.startsWith(`trivet-${lab}-`);
  const namespaces = (await readdir('/run/netns').catch(() => [])).filter(own);
  const hierarchies = await readdir('/sys/fs/cgroup');
  const cgroups = (await Promise.all(hierarchies.map((name) => readdir(`/sys/fs/cgroup/${name}`).catch(() => [])))).flat().filter(own);
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(`/labs/${lab}/`));
  const files = (await readdir(join(labDirectories(lab).directory, '..'))).filter((name) => name === lab);
  return [...namespaces, ...cgroups, ...mounts, ...(await processesOf('l1')), ...files];
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
