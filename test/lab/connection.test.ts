/** The OpenSSH connection against a real machine: sshd, sudo, passwords, full disks, killed operators. */

import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Connections, openConnections } from '../../src/connection/open-connections.ts';
import { labDirectories } from '../../src/lab/lab-directories.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { labSwitchNamespace } from '../../src/lab/run-in-lab.ts';
import { packageRoot } from '../../src/local/package-root.ts';
import type { Connection } from '../../src/model/connection.ts';
import type { EventBody } from '../../src/model/event.ts';
import type { Host, Ssh } from '../../src/model/host.ts';
import { Secret } from '../../src/model/secret.ts';
import { emit, until } from './on-lab.ts';

const lab = `conn${process.pid}`;
const password = `pw ${randomBytes(12).toString('hex')}$'"`;
const scratch = mkdtempSync(join(tmpdir(), 'trivet-test-'));
const passwordFile = join(scratch, 'password');
const prefix = ['nsenter', `--net=${labSwitchNamespace(lab)}`];
const lasting = openConnections({ environment: process.env, prefix });
const opened: Connections[] = [];
const rootOwned = { mode: 0o640, owner: 'root:root' };
let connection: Connection;
let address = '';

beforeAll(async () => {
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  const made = await labUp({ name: lab, shape: { masters: 1, workers: 0, etcd: 0, lb: 0 }, emit });
  address = made.lab.machines[0]?.address ?? '';
  connection = await lasting.connect(hostAs({}));
  for (const user of ['asked', 'trusted', 'stranger']) {
    expect(await connection.run(['useradd', '-m', '-s', '/bin/bash', user])).toMatchObject({ code: 0 });
    expect(await connection.run(['chpasswd'], { stdin: new Secret(`${user}:${password}\n`) })).toMatchObject({ code: 0 });
  }
  const sudoers = 'asked ALL=(ALL) ALL\ntrusted ALL=(ALL) NOPASSWD: ALL\n';
  await connection.write('/etc/sudoers.d/trivet-test', sudoers, { mode: 0o440, owner: 'root:root' });
  const keys = await connection.read('/root/.ssh/authorized_keys');
  await connection.write('/home/trusted/.ssh/authorized_keys', keys ?? '', { mode: 0o644, owner: 'trusted:trusted' });
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ closeAll }) => closeAll()));
});

afterAll(async () => {
  await lasting.closeAll();
  await labDown(lab, { emit });
  rmSync(scratch, { recursive: true });
});

/** Closed after the test. */
function connections(emitted: EventBody[] = []): Connections {
  const made = openConnections({ environment: process.env, prefix, emit: (event) => emitted.push(event) });
  opened.push(made);
  return made;
}

function hostAs(ssh: Partial<Ssh>, at = address): Host {
  const { key, knownHosts } = labDirectories(lab);
  return {
    name: 'm1',
    address: at,
    internalAddress: at,
    roles: ['master'],
    ssh: { user: 'root', port: 22, keyFile: key, password: undefined, knownHosts, ...ssh },
    labels: {},
    taints: [],
    interface: undefined,
  };
}

const byPassword = { keyFile: undefined, password: { kind: 'file', path: passwordFile } } as const;

async function processes(pattern: string): Promise<string> {
  return (await connection.run(['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'])).stdout.includes(pattern) ? 'there' : 'gone';
}

test('run: words, standard input and both outputs arrive exactly', async () => {
  const words = ["it's", 'a b', '$HOME', '', '\\n', '"', '`id`', '!x', 'ключ', 'two\nlines'];
  expect((await connection.run(['printf', '%s|', ...words])).stdout).toBe(`${words.join('|')}|`);
  const echoed = await connection.run(['sh', '-c', 'cat; printf err >&2'], { stdin: 'no newline at the end' });
  expect(echoed).toEqual({ code: 0, stdout: 'no newline at the end', stderr: 'err' });
});

test('run: ten megabytes in and out', async () => {
  const result = await connection.run(['cat'], { stdin: 'x'.repeat(10_000_000) });
  expect(result.stdout.length).toBe(10_000_000);
});

test('run: every exit status is data, 255 and signals too', async () => {
  const codes = await Promise.all([0, 1, 126, 254, 255].map(async (code) => (await connection.run(['sh', '-c', `exit ${code}`])).code));
  expect(codes).toEqual([0, 1, 126, 254, 255]);
  expect((await connection.run(['sh', '-c', 'kill -TERM $$'])).code).toBe(143);
  expect((await connection.run(['no-such-program'])).code).toBe(127);
});

test('run: more at a time than sshd allows sessions', async () => {
  const results = await Promise.all(Array.from({ length: 40 }, (_, index) => connection.run(['echo', String(index)])));
  expect(results.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 40 }, (_, index) => index));
});

test('run: a timeout ends the command on the machine with all it started', async () => {
  const run = connection.run(['sh', '-c', 'sleep 98765 & sleep 98765'], { timeoutSeconds: 1 });
  await expect(run).rejects.toMatchObject({ code: 'CONNECTION_TIMEOUT' });
  await until('the command is gone', 10, async () => (await processes('sleep 98765')) === 'gone');
});

test('run: an abort ends the command on the machine', async () => {
  const run = connection.run(['sleep', '98764'], { signal: AbortSignal.timeout(500) });
  await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await until('the command is gone', 10, async () => (await processes('sleep 98764')) === 'gone');
});

test('run: a process left behind does not keep it waiting', async () => {
  const start = performance.now();
  expect((await connection.run(['sh', '-c', 'sleep 20 & echo started'])).stdout).toBe('started\n');
  expect(performance.now() - start).toBeLessThan(15_000);
});

test('write and read: content, mode and owner; parents are made; a missing file is undefined', async () => {
  await connection.write('/srv/a b/c/f', 'text\n', rootOwned);
  expect(await connection.read('/srv/a b/c/f')).toBe('text\n');
  expect((await connection.run(['stat', '-c', '%a %U:%G', '/srv/a b/c/f', '/srv/a b'])).stdout).toBe('640 root:root\n755 root:root\n');
  expect((await connection.run(['ls', '-A', '/srv/a b/c'])).stdout).toBe('f\n');
  expect(await connection.read('/srv/none')).toBeUndefined();
});

test('write: a full disk is DISK_FULL, the old file stays and no temporary one', async () => {
  const mount = 'mkdir -p /srv/small && mount -t tmpfs -o size=64k tmpfs /srv/small';
  expect(await connection.run(['sh', '-c', mount])).toMatchObject({ code: 0 });
  await connection.write('/srv/small/f', 'old', rootOwned);
  const write = connection.write('/srv/small/f', 'x'.repeat(200_000), rootOwned);
  await expect(write).rejects.toMatchObject({ code: 'DISK_FULL', remedy: expect.stringContaining('df -h /srv/small') });
  expect(await connection.read('/srv/small/f')).toBe('old');
  expect((await connection.run(['ls', '-A', '/srv/small'])).stdout).toBe('f\n');
});

test('upload: checked by SHA-256, skipped when it is there, refused when it is another', async () => {
  const source = join(scratch, 'upload');
  const content = randomBytes(3_000_000);
  writeFileSync(source, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  await connection.upload(source, '/srv/up/load', { ...rootOwned, sha256 });
  const inode = async () => (await connection.run(['stat', '-c', '%i', '/srv/up/load'])).stdout;
  const first = await inode();
  await connection.upload(source, '/srv/up/load', { ...rootOwned, sha256 });
  expect(await inode()).toBe(first);
  const wrong = connection.upload(source, '/srv/up/load', { ...rootOwned, sha256: '0'.repeat(64) });
  await expect(wrong).rejects.toMatchObject({ code: 'BUNDLE' });
  expect((await connection.run(['sha256sum', '/srv/up/load'])).stdout).toContain(sha256);
  expect((await connection.run(['ls', '-A', '/srv/up'])).stdout).toBe('load\n');
});

test('connect: a changed host key is refused with file, line and remedy', async () => {
  const knownHosts = join(scratch, 'known');
  const { stdout } = await connection.run(['cat', '/etc/ssh/ssh_host_ed25519_key.pub']);
  const key = Buffer.from(stdout.split(' ')[1] ?? '', 'base64');
  const changed = Buffer.concat([key.subarray(0, -32), randomBytes(32)]).toString('base64');
  writeFileSync(knownHosts, `# one line before\n${address} ssh-ed25519 ${changed}\n`);
  const failure = { code: 'HOST_KEY_CHANGED', message: expect.stringContaining(`line 2 of ${knownHosts}`) };
  await expect(connections().connect(hostAs({ knownHosts }))).rejects.toMatchObject(failure);
});

test('connect: an unknown host key is recorded in the file that is named', async () => {
  const knownHosts = join(scratch, 'new', 'known');
  await connections().connect(hostAs({ knownHosts }));
  expect(readFileSync(knownHosts, 'utf8')).toMatch(/ssh-/);
});

test('connect: an address where nothing is fails within its time', async () => {
  const start = performance.now();
  const connect = connections().connect(hostAs({}, '192.0.2.250'));
  await expect(connect).rejects.toMatchObject({ code: 'CONNECTION_TIMEOUT', remedy: expect.stringContaining('ssh -p 22') });
  expect(performance.now() - start).toBeLessThan(30_000);
});

test('connect: a port where nothing listens is CONNECTION_REFUSED', async () => {
  await expect(connections().connect(hostAs({ port: 2 }))).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' });
});

test('connect: sudo without a password', async () => {
  const trusted = await connections().connect(hostAs({ user: 'trusted' }));
  expect((await trusted.run(['sh', '-c', 'id -u; cat'], { stdin: 'in' })).stdout).toBe('0\nin');
});

test('connect: sudo that asks is refused with a remedy when there is no password', async () => {
  await connection.run(['sh', '-c', 'cp -a /home/trusted/.ssh /home/asked/ && chown -R asked: /home/asked/.ssh']);
  const failure = { code: 'SUDO', remedy: expect.stringContaining('NOPASSWD') };
  await expect(connections().connect(hostAs({ user: 'asked' }))).rejects.toMatchObject(failure);
});

test('connect: password login and sudo with it; the password reaches no command line, environment or command', async () => {
  const seen = new Set<string>();
  let looking = true;
  const look = (async () => {
    for (; looking; await delay(2)) for (const place of placesOfSecret()) seen.add(place);
  })();
  const asked = await connections().connect(hostAs({ user: 'asked', ...byPassword }));
  const result = await asked.run(['sh', '-c', 'id -u; cat'], { stdin: 'in' });
  await asked.write('/srv/by-sudo', 'content', rootOwned);
  expect(await asked.read('/srv/by-sudo')).toBe('content');
  looking = false;
  await look;
  expect(result).toEqual({ code: 0, stdout: '0\nin', stderr: '' });
  expect([...seen]).toEqual([]);
});

/** All processes of the box, the lab's machine included. */
function placesOfSecret(): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) =>
    ['cmdline', 'environ'].filter((file) => {
      try {
        return readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(password);
      } catch {
        return false;
      }
    }),
  );
}

test('connect: a wrong password is AUTHENTICATION', async () => {
  const path = join(scratch, 'wrong');
  writeFileSync(path, 'wrong\n', { mode: 0o600 });
  const host = hostAs({ user: 'asked', keyFile: undefined, password: { kind: 'file', path } });
  await expect(connections().connect(host)).rejects.toMatchObject({ code: 'AUTHENTICATION' });
});

test('connect: a key that is accepted and a wrong sudo password is SUDO', async () => {
  const path = join(scratch, 'wrong');
  writeFileSync(path, 'wrong\n', { mode: 0o600 });
  const host = hostAs({ user: 'asked', password: { kind: 'file', path } });
  await expect(connections().connect(host)).rejects.toMatchObject({ code: 'SUDO', message: expect.stringContaining('password') });
});

test('connect: a user without sudo rights is SUDO', async () => {
  await expect(connections().connect(hostAs({ user: 'stranger', ...byPassword }))).rejects.toMatchObject({ code: 'SUDO' });
});

test('hold: gives the first line, then the exit status after release', async () => {
  const held = await connection.hold(['sh', '-c', 'echo mine; while read -r line; do :; done; exit 7']);
  expect(held.firstLine).toBe('mine');
  await held.release();
  expect(await held.ended).toBe(7);
});

test.each([{ argv: ['sleep', '98763'] }, { argv: ['cat'] }])(
  'hold: $argv ends when the process that holds it is killed',
  async ({ argv }) => {
    const file = `/srv/held-${argv[0]}`;
    const module = join(packageRoot(), 'src/connection/open-connections.ts');
    const program = `
    const { openConnections } = await import(${JSON.stringify(module)});
    const { connect } = openConnections({ environment: process.env, prefix: ${JSON.stringify(prefix)} });
    const connection = await connect(${JSON.stringify(hostAs({}))});
    await connection.hold(['sh', '-c', 'echo held; touch ${file}; ${argv.join(' ')}; rm ${file}']);
    console.log('holding');
    setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await until('it is held', 10, async () => (await connection.read(file)) !== undefined);
    child.kill('SIGKILL');
    const gone =
      argv[0] === 'cat' ? async () => (await connection.read(file)) === undefined : async () => (await processes('98763')) === 'gone';
    await until('it has ended', 30, gone);
    await until('its ssh has ended', 30, async () => !localSsh(child.pid ?? 0));
  },
);

/** Whether an ssh of that process is still there: the directory of its sockets is in its arguments. */
function localSsh(pid: number): boolean {
  return readdirSync('/proc').some((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`/trivet-ssh-${pid}-`);
    } catch {
      return false;
    }
  });
}

test('run: a connection that sshd ended is opened again for the next command', async () => {
  const emitted: EventBody[] = [];
  const own = await connections(emitted).connect(hostAs({}));
  // Kills sshd's process of this connection: the first sshd above the command, whose session is lost with it.
  const kill = `p=$$; until grep -q '^sshd' /proc/$p/comm; do p=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$p/status); done; kill -KILL $p`;
  await expect(own.run(['sh', '-c', kill])).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  expect(await own.run(['echo', 'again'])).toEqual({ code: 0, stdout: 'again\n', stderr: '' });
  expect(emitted).toMatchObject([{ kind: 'warning', host: 'm1' }]);
});
