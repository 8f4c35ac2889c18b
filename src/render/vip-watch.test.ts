/** The watcher's rules, by running the real script with a curl that answers from files. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { vipWatch } from './vip-watch.ts';

const own = '192.0.2.11';
const peer = '192.0.2.12';
const network = { vip: '192.0.2.100', podSubnet: '10.244.0.0/16' };

let directory = '';
let child: ChildProcess | undefined;
const at = (name: string) => join(directory, name);
const read = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8').trim() : '');

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trivet-vip-watch-'));
});
afterEach(async () => {
  if (child !== undefined && child.exitCode === null) {
    const ended = new Promise((resolve) => child?.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(directory, { recursive: true });
});

/** The connections of others, as ss tells them; without the file, one that was heard this moment. */
const fakeSs = `#!/bin/sh
cat "$ANSWERS/heard" 2> /dev/null || echo 'ESTAB 0 0 ${own}:6443 ${peer}:40000 cubic rto:204 lastsnd:9000 lastack:9000 pacing_rate 1bps'
`;

/** Answers for each apiserver from api-ADDRESS (a line a round, the last one stays), with etcd from etcd-ADDRESS, for kubelets from kubelet-ADDRESS. */
const fakeCurl = `#!/bin/sh
cd "$ANSWERS"
for word; do
  case $word in
    kubernetes:*) to=$word ;;
    https://*readyz)
      host=\${to#*:*:}; host=\${host%%:*}
      printf '%s' "$(cat "etcd-$host" 2> /dev/null || echo 200)" ;;
    https://*readyz*)
      host=\${to#*:*:}; host=\${host%%:*}
      echo "$host $(cat track 2> /dev/null)" >> asked
      printf '%s ' "$(head -n 1 "api-$host")"
      if [ "$(wc -l < "api-$host")" -gt 1 ]; then sed -i 1d "api-$host"; fi ;;
    http*/healthz) host=\${word#*://}; printf '%s ' "$(cat "kubelet-\${host%%:*}")" ;;
  esac
done
`;

function start(answers: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(answers)) writeFileSync(at(name), `${text}\n`);
  const script = vipWatch({
    ...network,
    address: own,
    port: 6443,
    peers: [peer],
    what: 'apiserver',
    socket: undefined,
    onMaster: true,
    trackFile: at('track'),
  });
  for (const [name, text] of Object.entries({
    curl: fakeCurl,
    ss: fakeSs,
    sleep: '#!/bin/sh\necho "$1" >> "$ANSWERS/slept"\nexec /bin/sleep 0.02\n',
    'vip-watch': script,
  })) {
    writeFileSync(at(name), text);
    chmodSync(at(name), 0o755);
  }
  const env = { PATH: `${directory}:/usr/bin:/bin`, ANSWERS: directory };
  child = spawn(at('vip-watch'), { env, stdio: 'ignore' });
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 1000) throw new Error(`not within 20 s: ${what}; track is ${read('track')}`);
    await sleep(20);
  }
}

/** What the track file said when each round began. */
const rounds = () =>
  read('asked')
    .split('\n')
    .filter((line) => line.startsWith(own))
    .map((line) => line.slice(own.length + 1));

describe('vipWatch', () => {
  test('is a script for sh, without peers too', () => {
    for (const peers of [[], [peer]]) {
      const input = vipWatch({
        ...network,
        address: own,
        port: 6443,
        peers,
        what: 'balancer',
        socket: peers.length > 0 ? '/run/alive.sock' : undefined,
        onMaster: peers.length > 0,
        trackFile: '/run/trivet-vip/serves',
      });
      expect(spawnSync('sh', ['-n'], { input, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    }
  });

  test('starts out; in after two good rounds, out after two bad ones; 401 serves, 403 is what an apiserver says that has just begun', async () => {
    const codes = ['200', '200', '403', '200', '500', '000', '401', '401', '200'];
    start({ [`api-${own}`]: codes.join('\n'), 'kubelet-127.0.0.1': '200' });
    await until('all rounds', () => rounds().length > codes.length);
    expect(rounds().slice(0, codes.length)).toEqual(['-254', '-254', '0', '0', '0', '0', '-254', '-254', '0']);
  }, 30_000);

  test('an apiserver that is not there is looked at again at once, one that answers an error is not', async () => {
    const codes = ['200', '200', '000', '000', '200', '500', '500', '200'];
    start({ [`api-${own}`]: codes.join('\n'), 'kubelet-127.0.0.1': '200' });
    await until('all rounds', () => rounds().length > codes.length);
    expect(read('slept').split('\n').slice(0, codes.length)).toEqual(codes.map((_, round) => (round === 2 ? '0.1' : '0.4')));
  }, 30_000);

  test('with a dead kubelet it stays in while no peer is whole, goes out when one is, and comes in again with its kubelet', async () => {
    start({ [`api-${own}`]: '200', 'kubelet-127.0.0.1': '200', [`api-${peer}`]: '200', [`kubelet-${peer}`]: '000' });
    await until('in', () => read('track') === '0');
    writeFileSync(at('kubelet-127.0.0.1'), '000\n');
    const died = Date.now();
    await until('the peer is asked', () => read('asked').includes(peer));
    expect(Date.now() - died).toBeGreaterThan(1500);
    const asked = rounds().length;
    await until('two more rounds', () => rounds().length > asked + 2);
    expect(read('track')).toBe('0');
    writeFileSync(at(`kubelet-${peer}`), '401\n');
    await until('out', () => read('track') === '-254');
    writeFileSync(at('kubelet-127.0.0.1'), '200\n');
    await until('in again', () => read('track') === '0');
  }, 30_000);

  test('without etcd it is last while no peer has it, out when one has, and in again only when it has it itself', async () => {
    start({
      [`api-${own}`]: '200',
      'kubelet-127.0.0.1': '200',
      [`api-${peer}`]: '200',
      [`kubelet-${peer}`]: '401',
      [`etcd-${peer}`]: '500',
    });
    await until('in', () => read('track') === '0');
    writeFileSync(at(`etcd-${own}`), '000\n');
    await until('last', () => read('track') === '-253');
    const asked = rounds().length;
    await until('three more rounds', () => rounds().length > asked + 3);
    expect(read('track')).toBe('-253');
    writeFileSync(at(`etcd-${peer}`), '200\n');
    await until('out', () => read('track') === '-254');
    writeFileSync(at(`etcd-${own}`), '200\n');
    await until('in again', () => read('track') === '0');
  }, 30_000);

  test('without etcd it is out when no other master says a word, last when one says any, and in again when it has etcd', async () => {
    start({ [`api-${own}`]: '200', 'kubelet-127.0.0.1': '200', [`api-${peer}`]: '000', [`kubelet-${peer}`]: '000' });
    await until('in', () => read('track') === '0');
    const alone = rounds().length;
    await until('three rounds alone, with etcd', () => rounds().length > alone + 3);
    expect(read('track')).toBe('0');
    writeFileSync(at(`etcd-${own}`), '500\n');
    await until('out', () => read('track') === '-254');
    writeFileSync(at(`kubelet-${peer}`), '403\n');
    await until('last', () => read('track') === '-253');
    writeFileSync(at(`kubelet-${peer}`), '000\n');
    writeFileSync(at(`api-${peer}`), '500\n');
    const asked = rounds().length;
    await until('three more rounds', () => rounds().length > asked + 3);
    expect(read('track')).toBe('-253');
    writeFileSync(at(`api-${peer}`), '000\n');
    await until('out again', () => read('track') === '-254');
    writeFileSync(at(`etcd-${own}`), '200\n');
    await until('in again', () => read('track') === '0');
  }, 30_000);

  test('without etcd and with nobody heard it is out; an election alone is none', async () => {
    const line = (lastrcv: string) => `0 0 ${own}:2380 ${peer}:40000 cubic lastsnd:70 ${lastrcv} lastack:9 pacing_rate 1bps`;
    start({
      [`api-${own}`]: '200',
      'kubelet-127.0.0.1': '200',
      [`api-${peer}`]: '000',
      [`kubelet-${peer}`]: '401',
      heard: line('lastrcv:4999'),
    });
    await until('in', () => read('track') === '0');
    writeFileSync(at(`etcd-${own}`), '000\n');
    await until('last', () => read('track') === '-253');
    writeFileSync(at('heard'), `${line('lastrcv:5000')}\n${line('lastrcv:12345')}\n`);
    await until('out', () => read('track') === '-254');
    writeFileSync(at('heard'), `${line('lastrcv:12345')}\n${line('rcv_rtt:3')}\n`);
    await until('last again', () => read('track') === '-253');
    writeFileSync(at('heard'), '');
    await until('out again', () => read('track') === '-254');
    writeFileSync(at(`etcd-${own}`), '200\n');
    await until('in again', () => read('track') === '0');
    const began = rounds().length;
    await until('ten rounds', () => rounds().length > began + 10);
    expect(new Set(rounds().slice(began + 1))).toEqual(new Set(['0']));
  }, 30_000);

  test('an election is too short to be seen', async () => {
    start({ [`api-${own}`]: '200', 'kubelet-127.0.0.1': '200', [`api-${peer}`]: '200', [`kubelet-${peer}`]: '401' });
    await until('in', () => read('track') === '0');
    writeFileSync(at(`etcd-${own}`), '500\n');
    const began = rounds().length;
    // Questions follow each other at once here: what counts is time.
    await sleep(2000);
    writeFileSync(at(`etcd-${own}`), '200\n');
    const ended = rounds().length;
    await until('ten rounds', () => rounds().length > ended + 10);
    expect(new Set(rounds().slice(began))).toEqual(new Set(['0']));
  }, 30_000);

  test('a machine that boots without etcd does not come in first', async () => {
    start({
      [`api-${own}`]: '200',
      'kubelet-127.0.0.1': '200',
      [`etcd-${own}`]: '500',
      [`api-${peer}`]: '200',
      [`kubelet-${peer}`]: '401',
    });
    await until('ten rounds', () => rounds().length > 10);
    expect(new Set(rounds())).toEqual(new Set(['-254']));
    writeFileSync(at(`etcd-${own}`), '200\n');
    await until('in', () => read('track') === '0');
  }, 30_000);
});
