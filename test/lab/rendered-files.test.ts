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
import { type BalancerInput, haproxyConfig, haproxySocket } from '../../src/render/haproxy.ts';
import { haproxyRuns, haproxyTakesUp } from '../../src/render/haproxy-servers.ts';
import { emit } from './on-lab.ts';

const golden = join(packageRoot(), 'test/golden');
const schemes = ['vip-on-masters', 'external-pair', 'local-proxy', 'local-care', 'care'];
const files = globSync(
  schemes.map((scheme) => `${scheme}/**/*.*`),
  { cwd: golden },
).sort();
const packages = [
  'haproxy',
  'nginx',
  'libnginx-mod-stream',
  'keepalived',
  'ipvsadm',
  'nftables',
  'socat',
  'curl',
  'iproute2',
  'procps',
  'openssl',
];

/** What checks a file of this name; `$1` is its path on the machine. */
const checks: readonly (readonly [RegExp, string])[] = [
  [/^haproxy\.cfg$/, 'haproxy -c -f "$1"'],
  [/^nginx\.conf$/, 'nginx -t -e stderr -c "$1"'],
  // What it does not know it only complains of. Scripts and interfaces are this machine's: eth0 is there.
  [/^keepalived\.conf$/, 'said=$(keepalived -t -f "$1" 2>&1); code=$?; echo "$said"; test $code = 0 && ! echo "$said" | grep -qi unknown'],
  [/\.nft$/, 'nft -c -f "$1"'],
  [/^trivet-balancer\.service$/, 'systemd-analyze verify --man=no "$1"'],
  // The program itself is not on that machine, and need not be.
  [/^trivet-care\.service$/, '[ -e /usr/local/bin/trivet ] || ln -s /bin/true /usr/local/bin/trivet; systemd-analyze verify --man=no "$1"'],
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
    const prepare =
      'mkdir -p /run/trivet-balancer /run/trivet-vip /root/golden && systemctl stop nginx haproxy; base64 -d | tar -x -C /root/golden';
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

  test('haproxy takes up another membership without a reload, and cuts a session to a master of the new one that goes silent', async () => {
    const backend = (index: number) => ({ name: `m${index}`, address: `127.0.0.1${index}`, port: 6443 });
    const input = (...indexes: readonly number[]): BalancerInput => ({
      listenAddress: '127.0.0.1',
      listenPort: 8443,
      backends: indexes.map(backend),
      balancers: 3,
    });
    const { stdout } = await script(
      `cd /root && cat > haproxy.cfg; haproxy -D -f haproxy.cfg -p haproxy.pid > /dev/null 2>&1
openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out certificate -days 9 -subj /CN=kubernetes 2> /dev/null
printf 'events {}\npid /root/nginx.pid;\nhttp { access_log off; server { listen 127.0.0.13:6443 ssl; ssl_certificate /root/certificate; ssl_certificate_key /root/key; location / { return 200; } } }\n' > nginx.conf
nginx -e stderr -c /root/nginx.conf > /dev/null 2>&1
before=$(cat haproxy.pid)
( ${haproxyTakesUp(input(1, 3), 'none.service')} ) > taken 2>&1 || cat taken
( ${haproxyRuns(input(1, 3))} ) && echo "m1 and m3 are there"
show() { echo 'show servers state apiservers' | socat -t 3 - UNIX-CONNECT:${haproxySocket} | awk '$4 == "m3" {print $6}'; }
up() { case $(show) in 1 | 2) echo yes ;; *) echo no ;; esac; }
for try in $(seq 50); do [ "$(up)" = yes ] && break; sleep 0.2; done; echo "m3 is up: $(up)"
socat -u TCP:127.0.0.1:8443 - > /dev/null 2>&1 & session=$!
sleep 3; kill -0 $session && echo "a session is open"
nft 'add table ip silence; add chain ip silence input { type filter hook input priority 0; }; add rule ip silence input ip daddr 127.0.0.13 drop; add rule ip silence input ip saddr 127.0.0.13 drop'
for try in $(seq 100); do kill -0 $session 2> /dev/null || break; sleep 0.1; done
kill -0 $session 2> /dev/null && echo "it is still open" || echo "it was cut"
nft delete table ip silence
[ "$(cat haproxy.pid)" = "$before" ] && kill -0 $before && echo "the same haproxy"
kill $before $(cat nginx.pid)`,
      haproxyConfig(input(1, 2)),
    );
    expect(stdout.split('\n').filter((line) => line !== '')).toEqual([
      'm1 and m3 are there',
      // 2, or 1 while it has just come and gets few connections.
      'm3 is up: yes',
      'a session is open',
      'it was cut',
      'the same haproxy',
    ]);
  });
});
