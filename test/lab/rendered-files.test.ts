/** Every golden file of every scheme, checked by the program that reads it, as Debian ships it. */

import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labDown } from '../../src/lab/lab-down.ts';
import { requireLab, requireMachine } from '../../src/lab/lab-file.ts';
import { labSshCommand } from '../../src/lab/lab-ssh.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { runInLab } from '../../src/lab/run-in-lab.ts';
import { packageRoot } from '../../src/local/package-root.ts';
import type { RunResult } from '../../src/model/connection.ts';
import { emit } from './on-lab.ts';

const golden = join(packageRoot(), 'test/golden');
const schemes = ['vip-on-masters', 'external-pair', 'local-proxy'];
const files = globSync(
  schemes.map((scheme) => `${scheme}/**/*.*`),
  { cwd: golden },
).sort();
const packages = ['haproxy', 'nginx', 'libnginx-mod-stream', 'keepalived', 'ipvsadm', 'nftables', 'socat', 'curl', 'iproute2', 'procps'];

/** What checks a file of this name; `$1` is its path on the machine. */
const checks: readonly (readonly [RegExp, string])[] = [
  [/^haproxy\.cfg$/, 'haproxy -c -f "$1"'],
  [/^nginx\.conf$/, 'nginx -t -e stderr -c "$1"'],
  // What it does not know it only complains of. Scripts and interfaces are this machine's: eth0 is there.
  [/^keepalived\.conf$/, 'said=$(keepalived -t -f "$1" 2>&1); code=$?; echo "$said"; test $code = 0 && ! echo "$said" | grep -qi unknown'],
  [/\.nft$/, 'nft -c -f "$1"'],
  [/^trivet-balancer\.service$/, 'systemd-analyze verify --man=no "$1"'],
];

describe.each(['trixie', 'bookworm'] as const)('on %s', (release) => {
  const lab = `rendered-${release}`;
  const script = async (text: string, stdin = ''): Promise<RunResult> => {
    const argv = labSshCommand(lab, requireMachine(await requireLab(lab), 'l1'), [text]);
    return runInLab(lab, argv, { stdin, timeoutSeconds: 120 });
  };

  beforeAll(async () => {
    await labUp({ name: lab, shape: { masters: 0, workers: 0, etcd: 0, lb: 1 }, release, packages, emit });
    const archive = execFileSync('tar', ['-c', '-C', golden, ...schemes], { maxBuffer: 1 << 26 }).toString('base64');
    // nginx opens its sockets even for a test; what else may hold port 80 or 443 must not.
    const prepare = 'mkdir -p /run/trivet-balancer /run/trivet-vip /root/golden && systemctl stop nginx haproxy; base64 -d | tar -x -C /root/golden';
    expect(await script(prepare, archive)).toMatchObject({ code: 0 });
  });
  afterAll(() => labDown(lab, { emit }));

  test.each(checks)('files like %s are taken by their program', async (name, check) => {
    const mine = files.filter((file) => name.test(basename(file)));
    expect(mine.length).toBeGreaterThan(0);
    const each = `for file; do said=$(set -- "/root/golden/$file"; ${check} 2>&1) || printf '%s: %s\\n' "$file" "$said"; done`;
    const { stdout, stderr } = await script(`set -- ${mine.join(' ')}; ${each}`);
    expect(stdout + stderr).toBe('');
  });

  test('haproxy takes a server through its socket, asks it before it gets anything, and gives it up again', async () => {
    const file = files.find((candidate) => basename(candidate) === 'haproxy.cfg' && candidate.startsWith('external-pair')) ?? '';
    const words = 'check check-ssl verify none inter 200ms fastinter 50ms downinter 500ms fall 3 rise 3 on-marked-down shutdown-sessions';
    const { stdout } = await script(`ask() { echo "$1" | socat -t 3 - UNIX-CONNECT:/run/trivet-balancer/haproxy.sock; }
haproxy -D -f /root/golden/${file} -p /run/trivet-balancer/haproxy.pid > /dev/null 2>&1
ask 'add server apiservers/new 192.0.2.99:6443 ${words}; enable health apiservers/new; enable server apiservers/new; set server apiservers/new health down' | grep -v '^$'
ask 'show servers state apiservers' | awk '$4 == "new" {print "operational state " $6 ", administrative " $7 ", " $5 ":" $19}'
ask 'set server apiservers/new state maint'; ask 'del server apiservers/new' | grep -v '^$'
ask 'show info' | grep '^description: trivet-' | cut -c1-20
kill $(cat /run/trivet-balancer/haproxy.pid)`);
    expect(stdout.split('\n').filter((line) => line !== '')).toEqual([
      'New server registered.',
      'operational state 0, administrative 0, 192.0.2.99:6443',
      'Server deleted.',
      'description: trivet-',
    ]);
  });
});
