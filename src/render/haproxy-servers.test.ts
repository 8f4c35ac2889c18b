/** The shell that brings a running haproxy to its file, with a socat that plays haproxy's socket. */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BalancerInput, haproxyFingerprint } from './haproxy.ts';
import { haproxyRuns, haproxyTakesUp } from './haproxy-servers.ts';

const backend = (index: number) => ({ name: `m${index}`, address: `192.0.2.1${index}`, port: 6443 });
const input = (...indexes: readonly number[]): BalancerInput => ({
  listenAddress: '0.0.0.0',
  listenPort: 8443,
  backends: indexes.map(backend),
  balancers: 3,
});

let directory = '';
const at = (name: string) => join(directory, name);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trivet-haproxy-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** servers: "BACKEND/NAME ADDRESS PORT" a line. A server leaves only in maintenance, and a reload takes the file's tuning up. */
const socat = `#!/bin/sh
read -r line
echo "$line" >> "$HAPROXY/asked"
echo "$line" | tr ';' '\\n' | while read -r verb what name address rest; do
  file=$(echo "$name" | tr / -)
  case "$verb $what" in
    'show info') echo "Name: HAProxy"; echo "description: $(cat "$HAPROXY/tuning")" ;;
    'show servers') echo 1; echo '# be_id be_name'; awk '{split($1, part, "/"); print "3 " part[1] " 1 " part[2] " " $2 " 2 0 1 1 5 15 3 4 6 0 0 0 - " $3 " -"}' "$HAPROXY/servers" ;;
    'add server') echo "$name \${address%:*} \${address#*:}" >> "$HAPROXY/servers"; echo 'New server registered.' ;;
    'set server') [ "$address $rest" = 'state maint' ] && touch "$HAPROXY/maint-$file" ;;
    'del server') [ -e "$HAPROXY/maint-$file" ] && sed -i "\\\\|^$name |d" "$HAPROXY/servers" && echo 'Server deleted.' ;;
  esac
done
`;
const systemctl = `#!/bin/sh
echo "systemctl $*" >> "$HAPROXY/asked"
cp "$HAPROXY/tuning-of-file" "$HAPROXY/tuning"
cp "$HAPROXY/servers-of-file" "$HAPROXY/servers"
`;

function haproxy(running: BalancerInput, file: BalancerInput): void {
  const servers = ({ backends }: BalancerInput) =>
    ['apiservers', 'unasked']
      .flatMap((backend) => backends.map(({ name, address, port }) => `${backend}/${name} ${address} ${port}\n`))
      .join('');
  const files = {
    socat,
    systemctl,
    tuning: haproxyFingerprint(running),
    'tuning-of-file': haproxyFingerprint(file),
    servers: servers(running),
    'servers-of-file': servers(file),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
  for (const name of ['socat', 'systemctl']) chmodSync(at(name), 0o755);
}

function sh(script: string): number | null {
  return spawnSync('sh', ['-c', script], { env: { PATH: `${directory}:/usr/bin:/bin`, HAPROXY: directory } }).status;
}

const asked = () => (existsSync(at('asked')) ? readFileSync(at('asked'), 'utf8').split('\n') : []);

describe('haproxyRuns', () => {
  test('holds for the same tuning and servers in whatever order, for nothing else', () => {
    haproxy(input(2, 1), input(2, 1));
    expect(sh(haproxyRuns(input(1, 2)))).toBe(0);
    expect(sh(haproxyRuns(input(1)))).not.toBe(0);
    expect(sh(haproxyRuns(input(1, 2, 3)))).not.toBe(0);
    expect(sh(haproxyRuns({ ...input(1, 2), listenPort: 443 }))).not.toBe(0);
  });

  test('does not hold where no haproxy answers', () => {
    expect(sh(haproxyRuns(input(1)))).not.toBe(0);
  });
});

describe('haproxyTakesUp', () => {
  test('another membership: server by server, without a reload; whoever is new is down until it was asked', () => {
    haproxy(input(1, 2), input(1, 3));
    expect(sh(haproxyTakesUp(input(1, 3), 'trivet-balancer.service'))).toBe(0);
    expect(sh(haproxyRuns(input(1, 3)))).toBe(0);
    expect(asked().filter((line) => line.startsWith('systemctl'))).toEqual([]);
    const added = asked().filter((line) => line.startsWith('add server'));
    expect(added).toEqual([
      expect.stringMatching(/^add server apiservers\/m3 192\.0\.2\.13:6443 .*; set server apiservers\/m3 health down$/),
      'add server unasked/m3 192.0.2.13:6443; enable server unasked/m3',
    ]);
    expect(asked().some((line) => line.includes('apiservers/m1'))).toBe(false);
  });

  test('a master that has moved is taken out and comes in anew', () => {
    haproxy({ ...input(1), backends: [backend(1), { ...backend(2), address: '192.0.2.99' }] }, input(1, 2));
    expect(sh(haproxyTakesUp(input(1, 2), 'trivet-balancer.service'))).toBe(0);
    expect(sh(haproxyRuns(input(1, 2)))).toBe(0);
  });

  test('another tuning: one reload', () => {
    const file = { ...input(1, 2), listenPort: 443 };
    haproxy(input(1, 2), file);
    expect(sh(haproxyTakesUp(file, 'trivet-balancer.service'))).toBe(0);
    expect(asked().filter((line) => line.startsWith('systemctl'))).toEqual(['systemctl reload trivet-balancer.service']);
  });
});
