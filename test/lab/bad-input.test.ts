/**
 * Bad files, bad flags, bad bundles, bad machines: each is refused in words, all of it at once, and nothing is half written.
 * Swap and wrong clocks are not tried here: the lab's machines share the box's, and may not touch either.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleContents, writeSampleBundle } from '../../src/bundle/sample-bundle.ts';
import { labDirectories } from '../../src/lab/lab-directories.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import { labNetwork } from '../../src/lab/lab-plan.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { powerOff, powerOn } from '../../src/lab/power.ts';
import { enterLab, runInLab } from '../../src/lab/run-in-lab.ts';
import { packageRoot } from '../../src/local/package-root.ts';
import type { RunResult } from '../../src/model/connection.ts';
import { emit, onMachine, outputOf, testBundle, trivet, until } from './on-lab.ts';

const scratch = mkdtempSync(join(tmpdir(), 'trivet-bad-input-'));
const lab = 'badtest';
const masters = ['m1', 'm2', 'm3'];
const all = [...masters, 'w1'];
const labFile = labDirectories(lab).clusterFile;

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Writes a file of that text for one case. */
function given(text: string | Buffer, name = 'cluster.yaml'): string {
  const path = join(mkdtempSync(join(scratch, 'case-')), name);
  writeFileSync(path, text);
  return path;
}

/** Refused in words: nothing on standard output, the code and where, no stack trace. */
function expectRefusal(result: RunResult, code: string, ...words: readonly (string | RegExp)[]): void {
  expect(result.stderr).toContain(`error ${code}`);
  for (const word of words) expect(result.stderr).toMatch(word);
  expectWords(result);
  expect(result.code).toBe(code === 'USAGE' ? 2 : code === 'INTERRUPTED' ? 130 : 1);
}

function expectWords(result: RunResult): void {
  expect(result.stdout).toBe('');
  expect(result.stderr).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  expect(result.stderr).not.toMatch(/INTERNAL|\[object |undefined|UnhandledPromise|node:internal/);
}

const goodFile = `apiVersion: trivet.dev/v1alpha1
kind: Cluster
metadata: {name: demo}
spec:
  kubernetes: {version: v1.34.4}
  controlPlaneEndpoint: {domain: apiserver.cluster.local, address: 192.0.2.100}
  hosts:
    - {name: m1, address: 192.0.2.11, roles: [master]}
    - {name: m2, address: 192.0.2.12, roles: [master]}
    - {name: m3, address: 192.0.2.13, roles: [master]}
    - {name: w1, address: 192.0.2.21, roles: [worker]}
`;

function changed(from: string, to: string, text = goodFile): string {
  if (!text.includes(from)) throw new Error(`the file has no ${from}`);
  return text.replace(from, to);
}

describe('a cluster file', () => {
  test.each([
    ['an unknown key', changed('address: 192.0.2.21', 'adress: 192.0.2.21'), /:11:18 .*adress: unknown key; did you mean address\?/],
    ['a wrong type', changed('roles: [worker]', 'roles: 7'), /:11:46 .*roles/],
    ['a duplicate key', changed('{name: demo}', '{name: demo, name: demo}'), /:3:\d+ duplicate key/],
    ['a duplicate name', changed('name: m2', 'name: m1'), /:9:14 .*name m1 is already that of spec\.hosts\[0\]/],
    ['a duplicate address', changed('address: 192.0.2.12', 'address: 192.0.2.11'), /:9:27 .*192\.0\.2\.11 is already that of m1/],
    ['a VIP that is a host', changed('address: 192.0.2.100', 'address: 192.0.2.13'), /:6:68 .*192\.0\.2\.13 is the address of m3/],
    ['a VIP in the network of services', changed('192.0.2.100}', '10.96.0.9}'), /:6:68 .*serviceSubnet/],
    ['a VIP far from the masters', changed('192.0.2.100}', '198.51.100.9}'), /:6:68 .*another network/],
    ['Docker as runtime', changed('{version: v1.34.4}', '{version: v1.34.4, containerRuntime: docker}'), /:5:\d+ .*dockershim/],
    ['no master', goodFile.replaceAll('[master]', '[worker]'), /no host has the role master/],
    ['another version of the format', changed('v1alpha1', 'v2'), /:1:13 .*apiVersion/],
    ['YAML that does not parse', `${goodFile}  : [`, /:12:\d+ /],
    ['a text', 'hello\n', /:1:1 /],
    ['nothing', '', /cluster\.yaml/],
    ['a list', '- 1\n- 2\n', /:1:1 /],
    ['bytes of no text', Buffer.from([0, 255, 254, 1, 10, 200]), /cluster\.yaml/],
    ['an alias without its anchor', changed('{name: demo}', '*demo'), /:3:\d+ /],
  ])('with %s is refused with its line and column', async (_, text, words) => {
    expectRefusal(await trivet(['plan', '-f', given(text)]), 'CLUSTER_FILE', words);
  });

  test('with many problems is refused with all of them at once, and a password in it is not repeated', async () => {
    const golden = join(packageRoot(), 'src/spec/golden');
    const result = await trivet(['plan', '-f', join(golden, 'bad-cluster.yaml')]);
    expectRefusal(result, 'CLUSTER_FILE');
    const expected = readFileSync(join(golden, 'bad-cluster.problems.txt'), 'utf8').match(/^cluster\.yaml:\d+:\d+/gm) ?? [];
    expect(result.stderr.match(/cluster\.yaml:\d+:\d+/g)?.length).toBe(expected.length);
    expect(result.stderr).not.toContain('hunter2');
  });

  test('with two masters is refused with the arithmetic of the quorum', async () => {
    const two = given(changed('    - {name: m3, address: 192.0.2.13, roles: [master]}\n', ''));
    expectRefusal(
      await trivet(['up', '-f', two, '-y']),
      'EVEN_MASTERS',
      /:9:\d+ .*2 masters: the quorum is 2, so 0 may fail.*--allow-even/,
    );
  });

  test('that is missing, or is a directory, is refused by its path', async () => {
    expectRefusal(await trivet(['plan', '-f', join(scratch, 'none.yaml')]), 'CLUSTER_FILE_MISSING', 'none.yaml');
    expectRefusal(await trivet(['plan', '-f', scratch]), 'CLUSTER_FILE', scratch);
  });

  test('of a lab that is not up names the command that brings it up', async () => {
    const file = given(changed('spec:\n', 'spec:\n  lab: nosuchlab\n'));
    expectRefusal(await trivet(['plan', '-f', file]), 'LAB_MISSING', 'trivet lab up --name nosuchlab');
  });
});

describe('flags', () => {
  const version = ['--version', 'v1.34.4'];
  const two = [...version, '--master', '192.0.2.12', '--master', '192.0.2.13'];
  const three = [...two, '--master', '192.0.2.11'];

  test.each([
    ['an address that is none', ['plan', '--master', '192.0.2.300'], 'CLUSTER_FILE', /--master 192\.0\.2\.300/],
    ['two masters', ['plan', ...two, '--vip', '192.0.2.100'], 'EVEN_MASTERS', /the quorum is 2/],
    ['a VIP that is a master', ['plan', ...three, '--vip', '192.0.2.12'], 'CLUSTER_FILE', /--vip: 192\.0\.2\.12 is the address of/],
    ['Docker', ['plan', ...three, '--vip', '192.0.2.100', '--runtime', 'docker'], 'CLUSTER_FILE', /--runtime.*dockershim/],
    ['a file beside them', ['plan', ...three, '-f', 'x.yaml'], 'USAGE', /do not go together/],
    ['a URL without its checksum', ['plan', ...three, '--pkg-url', 'http://192.0.2.9/b.tar'], 'USAGE', /--pkg-sha256/],
  ])('with %s are refused', async (_, args, code, words) => {
    expectRefusal(await trivet(args), code, words);
  });

  test.each([[['nonsense']], [['up', '--nonsense']], [['plan', '-o', 'xml']], [['up', '-f']]])(
    'that are unknown or lack a value, %j, show how it is used',
    async (args) => {
      const result = await trivet(args);
      expect(result.code).toBe(2);
      expect(result.stderr).toMatch(/error: /);
      expectWords({ ...result, stderr: result.stderr.replaceAll('undefined', '') });
    },
  );

  test('--passwd is accepted with the warning that others can read it, and the password is not repeated', async () => {
    const result = await trivet(['init', ...version, '--master', '192.0.2.11', '--passwd', 'hunter2']);
    expect(result.code).toBe(0);
    expect(result.stderr).toMatch(/warning: --passwd: every user of this machine can read it/);
    expect(result.stdout).toContain('kind: Cluster');
    expect(`${result.stdout}${result.stderr}`).not.toContain('hunter2');
  });
});

describe('a bundle', () => {
  const file = (bundle: string) => given(changed('spec:\n', `spec:\n  bundle: ${bundle}\n`));
  const sample = async () => {
    const directory = mkdtempSync(join(scratch, 'bundle-'));
    await writeSampleBundle(directory);
    return directory;
  };

  test('with one changed byte is refused before any machine is asked', async () => {
    const bundle = await sample();
    const { path, text } = sampleContents.kube;
    writeFileSync(join(bundle, path), text.replace('K', 'X'));
    expectRefusal(await trivet(['up', '-y', '-f', file(bundle)]), 'BUNDLE', /binaries\/kube: SHA-256 is [0-9a-f]+… instead of/, /next: /);
    expectRefusal(await trivet(['bundle', 'verify', bundle]), 'BUNDLE', /binaries\/kube/);
  });

  test('with a missing image, and a foreign file, is refused with both', async () => {
    const bundle = await sample();
    rmSync(join(bundle, sampleContents.cluster.path));
    writeFileSync(join(bundle, 'images', 'extra.tar'), 'x');
    expectRefusal(await trivet(['up', '-y', '-f', file(bundle)]), 'BUNDLE', /images\/cluster\.tar: missing/, /images\/extra\.tar: not in/);
  });

  test('that is not there, or has a broken manifest, is refused by its path', async () => {
    expectRefusal(await trivet(['plan', '-f', file('/nowhere/bundle')]), 'BUNDLE', '/nowhere/bundle');
    const bundle = await sample();
    writeFileSync(join(bundle, 'manifest.json'), '{"formatVersion": 1,');
    expectRefusal(await trivet(['plan', '-f', file(bundle)]), 'BUNDLE', bundle);
  });
});

describe('machines', () => {
  let text = '';
  let oneMaster = '';

  beforeAll(async () => {
    const bundle = await testBundle();
    await labDown(lab, { emit });
    await labUp({ name: lab, shape: { masters: 3, workers: 1, etcd: 0, lb: 0 }, bundle, emit });
    text = readFileSync(labFile, 'utf8');
    oneMaster = given(text.replace(/^.*name: (m2|m3|w1),.*\n/gm, ''));
    for (const user of ['anna', 'ben']) await outputOf(lab, 'm1', `useradd -m -s /bin/bash ${user} && echo ${user}:right | chpasswd`);
    await outputOf(lab, 'm1', 'usermod -aG sudo anna');
  });

  afterAll(async () => {
    await labDown(lab, { emit });
  });

  const up = (file: string, ...more: readonly string[]) => trivet(['up', '-y', '-f', file, ...more]);

  async function expectUntouched(): Promise<void> {
    for (const machine of all) {
      const found = await onMachine(
        lab,
        machine,
        'ls -d /var/lib/trivet/* /var/log/trivet /opt/trivet /etc/trivet; grep -l "BEGIN trivet" /etc/hosts',
      );
      // The files of other clusters that a case put there itself are its own to take away.
      expect(found.stdout.replace(/^\/var\/lib\/trivet\/cluster$/m, '').trim()).toBe('');
    }
  }

  /** The file with one host's ssh replaced. */
  const loginAs = (user: string, password: string) =>
    given(
      changed(
        '{name: m1, address: 192.0.2.11, roles: [master]}',
        `{name: m1, address: 192.0.2.11, roles: [master], ssh: {user: ${user}, password: {file: ${JSON.stringify(password)}}}}`,
        text,
      ),
    );

  function passwordFile(password: string): string {
    const path = join(mkdtempSync(join(scratch, 'case-')), 'password');
    writeFileSync(path, `${password}\n`, { mode: 0o600 });
    return path;
  }

  test('with the wrong password are refused; the right one, with sudo, is taken', async () => {
    expectRefusal(await up(loginAs('anna', passwordFile('wrong'))), 'PREFLIGHT', /m1 .*refuses the user, the key or the password/);
    await expectUntouched();
    const plan = await trivet(['plan', '-f', loginAs('anna', passwordFile('right'))]);
    expect(plan.code).toBe(0);
    expectRefusal(await up(loginAs('anna', join(scratch, 'nothing'))), 'PREFLIGHT', /password file .*nothing cannot be read/);
  });

  test('whose user may not become root are refused', async () => {
    expectRefusal(await up(loginAs('ben', passwordFile('right'))), 'PREFLIGHT', /sudo: m1: ben cannot become root on m1/);
    await expectUntouched();
  });

  test('one of which shows another host key are refused, and the recorded key stays', async () => {
    const knownHosts = join(mkdtempSync(join(scratch, 'case-')), 'known_hosts');
    copyFileSync(labDirectories(lab).knownHosts, knownHosts);
    const lines = readFileSync(knownHosts, 'utf8');
    const keyOf = (address: string) => new RegExp(`^${address} (\\S+ \\S+)`, 'm').exec(lines)?.[1] ?? 'none';
    writeFileSync(knownHosts, lines.replace(keyOf('192.0.2.12'), keyOf('192.0.2.13')));
    const before = readFileSync(knownHosts, 'utf8');
    const file = given(changed(labDirectories(lab).knownHosts, knownHosts, text));
    expectRefusal(await up(file), 'PREFLIGHT', /m2.*another host key than the one recorded/, /ssh-keygen .*-R/);
    expect(readFileSync(knownHosts, 'utf8')).toBe(before);
    await expectUntouched();
  });

  test('outside whose subnets the VIP lies are refused', async () => {
    expectRefusal(
      await up(given(changed('192.0.2.100', '192.0.3.100', text))),
      'PREFLIGHT',
      /the VIP 192\.0\.3\.100 is outside every subnet/,
    );
    await expectUntouched();
  });

  test('that belong to another cluster of trivet are refused as such', async () => {
    await outputOf(lab, 'm2', 'mkdir -p /var/lib/trivet && echo elsewhere > /var/lib/trivet/cluster');
    expectRefusal(await up(labFile), 'FOREIGN_CLUSTER', /m2: trivet has made this machine a part of the cluster elsewhere/, /trivet reset/);
    await expectUntouched();
    await outputOf(lab, 'm2', 'rm -r /var/lib/trivet');
  });

  test('with several troubles at once are refused with all of them', async () => {
    // The switch answers for the VIP, and a router there uses the VRRP id.
    await runInLab(lab, ['ip', 'address', 'add', '192.0.2.100/32', 'dev', 'br0']);
    const router = vrrpRouter(77);
    const machineId = await outputOf(lab, 'm3', 'cat /etc/machine-id');
    await outputOf(lab, 'm3', `hostname m2; echo ${await outputOf(lab, 'm2', 'cat /etc/machine-id')} > /etc/machine-id`);
    await outputOf(
      lab,
      'w1',
      'mkdir -p /etc/kubernetes/pki /etc/kubernetes/manifests; echo x > /etc/kubernetes/pki/ca.crt; echo "    server: https://198.51.100.7:6443" > /etc/kubernetes/kubelet.conf; echo x > /etc/kubernetes/manifests/etcd.yaml',
    );
    try {
      const file = given(
        changed(
          'scheme: vip-on-masters',
          'scheme: {kind: vip-on-masters, virtualRouterId: 77}',
          readFileSync(loginAs('anna', passwordFile('wrong')), 'utf8'),
        ),
      );
      expectRefusal(
        await up(file),
        'PREFLIGHT',
        /m1.*refuses the user, the key or the password/,
        /the VIP 192\.0\.2\.100 is in use: ([0-9a-f]{2}:){5}/,
        /192\.0\.2\.1 uses the VRRP id 77/,
        /m2, m3 call themselves m2/,
        /m2, m3 have the same machine id/,
        /w1: a Kubernetes that is not this cluster's is here.*talks to https:\/\/198\.51\.100\.7:6443/,
        /nothing was changed/,
      );
    } finally {
      router.kill('SIGKILL');
      await runInLab(lab, ['ip', 'address', 'del', '192.0.2.100/32', 'dev', 'br0']);
      await outputOf(lab, 'm3', `hostname m3; echo ${machineId} > /etc/machine-id`);
      await outputOf(lab, 'w1', 'rm -r /etc/kubernetes');
    }
    await expectUntouched();
  });

  /** m1 master, m2 and m3 balancers, w1 a member of an etcd of its own: the same machines in other roles. */
  function apart(scheme: string, from = text): string {
    let file = changed('scheme: vip-on-masters', `scheme: ${scheme}\n  etcd: {topology: external}`, from);
    for (const [host, role, other] of [
      ['m2, address: 192.0.2.12', 'master', 'lb'],
      ['m3, address: 192.0.2.13', 'master', 'lb'],
      ['w1, address: 192.0.2.21', 'worker', 'etcd'],
    ]) {
      file = changed(`${host}, roles: [${role}]`, `${host}, roles: [${other}]`, file);
    }
    return given(file);
  }

  /** Somebody's service, until the process is ended. */
  async function listen(machine: string, port: number): Promise<() => Promise<unknown>> {
    const perl = `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => ${port}, Listen => 5) or die; sleep 600`;
    const pid = await outputOf(lab, machine, `setsid perl -e '${perl}' > /dev/null 2>&1 < /dev/null & echo $!`);
    return () => outputOf(lab, machine, `kill ${pid}`);
  }

  test('that balance or hold etcd, with several troubles at once, are refused with all of them', async () => {
    await runInLab(lab, ['ip', 'address', 'add', '192.0.2.100/32', 'dev', 'br0']);
    const services = await Promise.all([listen('m2', 6443), listen('w1', 2379)]);
    await outputOf(
      lab,
      'm3',
      `mkdir -p /etc/keepalived; printf 'vrrp_instance OWN {\n  virtual_router_id 9\n}\n' > /etc/keepalived/keepalived.conf
printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n' > /etc/systemd/system/keepalived.service; systemctl daemon-reload; systemctl start keepalived`,
    );
    try {
      expectRefusal(
        await up(apart('external-pair')),
        'PREFLIGHT',
        /m2: TCP port 6443 is in use by perl: the endpoint’s balancer \(haproxy\) will listen there.*spec\.controlPlaneEndpoint\.port/,
        /w1: TCP port 2379 is in use by perl: etcd will listen there/,
        /m3: a keepalived of your own runs here \(OWN\).*trivet reset brings it back/,
        /the VIP 192\.0\.2\.100 is in use: ([0-9a-f]{2}:){5}/,
        /nothing was changed/,
      );
    } finally {
      await runInLab(lab, ['ip', 'address', 'del', '192.0.2.100/32', 'dev', 'br0']);
      for (const end of services) await end();
      await outputOf(
        lab,
        'm3',
        'systemctl stop keepalived; rm -r /etc/keepalived /etc/systemd/system/keepalived.service; systemctl daemon-reload',
      );
    }
    await expectUntouched();
  });

  // Right after the case before: m1, which asks again, still remembers who answered for the VIP then.
  test('whose kernel has no IPVS, or that lack the named interface, are refused for LVS; a VIP that was given up is free', async () => {
    const result = await up(apart('{kind: external-pair, proxy: lvs, interface: eth9}'));
    expectRefusal(
      result,
      'PREFLIGHT',
      /m2, m3: kernel \S+ has no ip_vs.*linux-image-amd64/,
      /m2, m3: there is no network interface eth9 \(there are: eth0.*\)/,
    );
    expect(result.stderr).not.toContain('vip-taken');
    await expectUntouched();
  });

  test('without a bundle are refused with the packages that their scheme needs', async () => {
    expectRefusal(
      await up(apart('external-pair', text.replace(/^ {2}bundle: .*\n/m, ''))),
      'PREFLIGHT',
      /m2, m3: keepalived, .*haproxy.*not installed, and the cluster file names no bundle/,
    );
    await expectUntouched();
  });

  test('one of which is powered off are refused within a minute, with its name', async () => {
    await powerOff({ lab, machine: 'w1', emit });
    try {
      const started = performance.now();
      expectRefusal(await up(labFile), 'PREFLIGHT', /w1: cannot connect to w1 \(192\.0\.2\.21/);
      expect(performance.now() - started).toBeLessThan(60_000);
    } finally {
      await powerOn({ lab, machine: 'w1', emit });
    }
    await expectUntouched();
  });

  test('two of which are masters: plan --allow-even says what is lost, and plans', async () => {
    const two = given(text.replace(/^.*name: m3,.*\n/m, ''));
    const result = await trivet(['plan', '-f', two, '--allow-even']);
    expect(result.code).toBe(0);
    expect(result.stderr).toMatch(/warning: 2 masters: the quorum is 2, so 0 may fail/);
    await expectUntouched();
  });

  test('asked for a phase that there is not: the phases are named', async () => {
    expectRefusal(await up(labFile, '--only', 'nonsense'), 'USAGE', /no phase nonsense/, /first-master/);
    await expectUntouched();
  });

  test('without a terminal to confirm on are left alone', async () => {
    expectRefusal(await trivet(['up', '-f', oneMaster]), 'CONFIRMATION', /-y/);
    await expectUntouched();
  });

  test('with a full disk: it is named, and up goes on when there is room again', async () => {
    await outputOf(lab, 'm1', 'mount -t tmpfs -o size=8m,mode=755 full /opt');
    expectRefusal(await up(oneMaster, '--only', 'binaries'), 'DISK_FULL', /on m1/, /[Nn]o space left on device/, /df -h/);
    expect(await outputOf(lab, 'm1', 'find /opt -type f')).toBe('');
    await outputOf(lab, 'm1', 'umount /opt');
    expect((await up(oneMaster, '--only', 'binaries')).code).toBe(0);
    expect(await outputOf(lab, 'm1', 'kubelet --version')).toBe('Kubernetes v1.34.4');
    // Where the receipt cannot be written, nothing else is.
    await outputOf(lab, 'm1', 'cp -a /var/lib/trivet /root/kept && mount -t tmpfs -o size=64k,mode=755 full /var/lib/trivet');
    await onMachine(lab, 'm1', 'cp -a /root/kept/. /var/lib/trivet/; cat /dev/zero > /var/lib/trivet/filler');
    expectRefusal(await up(oneMaster, '--only', 'machine'), 'DISK_FULL', /on m1/, /[Nn]o space left on device/);
    expect((await onMachine(lab, 'm1', 'ls /etc/modules-load.d/trivet.conf')).code).not.toBe(0);
    await outputOf(lab, 'm1', 'umount /var/lib/trivet; rm -r /root/kept');
    expect((await up(oneMaster, '--only', 'machine')).code).toBe(0);
  });

  test('Ctrl-C in the middle: the lock is free, and the next run goes on', async () => {
    let pid = 0;
    const run = trivet(['up', '-y', '-f', oneMaster], {
      started: (started) => {
        pid = started;
      },
    });
    await until(
      'the packages are being installed',
      120,
      async () => (await onMachine(lab, 'm1', 'ls -d /var/tmp/trivet-packages.*')).code === 0,
      200,
    );
    process.kill(pid, 'SIGINT');
    expectRefusal(await run, 'INTERRUPTED', /goes on/);
    await until('the lock is free', 5, async () => (await onMachine(lab, 'm1', 'flock -n /run/trivet/operator.lock true')).code === 0, 200);
    expect((await up(oneMaster, '--only', 'packages')).code).toBe(0);
    expect(
      await outputOf(lab, 'm1', 'dpkg --audit; ls /run/trivet/*.stdin /run/trivet/*.yaml /var/lib/trivet/*.tar 2>/dev/null || true'),
    ).toBe('');
  });

  test('half built, reset leaves them as they were', async () => {
    const reset = await trivet(['reset', '-y', '-f', oneMaster]);
    expect(reset.code).toBe(0);
    await expectUntouched();
    expect(await outputOf(lab, 'm1', 'ls /usr/local/bin /opt; dpkg -l containerd 2>/dev/null | grep ^ii || true')).not.toMatch(
      /kubelet|trivet|containerd/,
    );
  });
});

/** Sends VRRP adverts of priority 100 into the lab from its switch, four a second, until it is killed. */
function vrrpRouter(virtualRouterId: number): ChildProcess {
  // Version 2, one address; 32 is IP_MULTICAST_IF, 33 IP_MULTICAST_TTL. The checksum is no receiver's of ours to judge.
  const perl = `use Socket; socket(my $s, AF_INET, SOCK_RAW, 112) or die $!;
setsockopt($s, 0, 32, inet_aton("${labNetwork.controller}")) or die $!; setsockopt($s, 0, 33, pack("I", 255));
while (1) { send($s, pack("CCCCCCn", 0x21, ${virtualRouterId}, 100, 1, 0, 1, 0) . inet_aton("192.0.2.99") . ("\\0" x 8), 0, sockaddr_in(0, inet_aton("224.0.0.18"))) or die $!; select(undef, undef, undef, 0.25) }`;
  const [program = '', ...rest] = enterLab(lab, ['perl', '-e', perl]);
  return spawn(program, rest, { stdio: ['ignore', 'ignore', 'inherit'] });
}
