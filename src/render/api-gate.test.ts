/** The gate's rules, by running the real script with a curl, an nft and an ss that answer from files. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiGate } from './api-gate.ts';

const own = '192.0.2.11';
const peer = '192.0.2.12';
const script = apiGate({ address: own, port: 6443, peers: [peer, '192.0.2.13'] });

let directory = '';
let child: ChildProcess | undefined;
const at = (name: string) => join(directory, name);
const read = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : '');
/** Each time that the kernel was told to shut or to open, in turn. */
const told = () =>
  [...read('nft.log').matchAll(/^add element .*timeout 8s|^flush/gm)].map(([line]) => (line.startsWith('add') ? 'shut' : 'open'));
const looks = () => read('asked').split('\n').length;
/** As curl prints it: what was said, then "code exit". */
const answer = (host: string, code: string, exit = code === '000' ? 7 : 0) =>
  writeFileSync(at(`ready-${host}`), `${code === '500' ? '[+]ping ok\n[-]etcd failed: reason withheld\n' : 'ok'}\n${code} ${exit}`);

const fakes = {
  curl: `#!/bin/sh
cd "$ANSWERS"
for word; do case $word in kubernetes:*) host=\${word#*:*:}; host=\${host%%:*} ;; esac; done
[ "$host" != ${own} ] || echo look >> asked
cat "ready-$host" 2> /dev/null || printf '\\n000 7'
`,
  nft: `#!/bin/sh
if [ "$1" = -f ]; then cat >> "$ANSWERS/nft.log"; else echo "$*" >> "$ANSWERS/nft.log"; fi
`,
  ss: '#!/bin/sh\necho "$*" >> "$ANSWERS/ss.log"\n',
  sleep: '#!/bin/sh\nexec /bin/sleep 0.05\n',
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trivet-api-gate-'));
  for (const [name, text] of Object.entries({ ...fakes, gate: script })) {
    writeFileSync(at(name), text);
    chmodSync(at(name), 0o755);
  }
});
afterEach(async () => {
  if (child !== undefined && child.exitCode === null) {
    const ended = new Promise((resolve) => child?.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(directory, { recursive: true });
});

function start(): void {
  const said = openSync(at('said'), 'w');
  child = spawn(at('gate'), { env: { PATH: `${directory}:/usr/bin:/bin`, ANSWERS: directory }, stdio: ['ignore', said, 'ignore'] });
  closeSync(said);
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 1000) throw new Error(`not within 20 s: ${what}; told: ${told().join(', ')}`);
    await sleep(20);
  }
}

async function moreLooks(count: number): Promise<void> {
  const before = looks();
  await until(`${count} more looks`, () => looks() >= before + count);
}

describe('apiGate', () => {
  test('is a script for sh', () => {
    expect(spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  test('shuts after 4 s without etcd while a peer is whole, once cuts what is there, and opens when etcd is back', async () => {
    answer(own, '200');
    answer(peer, '401');
    start();
    await moreLooks(5);
    expect(told()).toEqual([]);
    answer(own, '500');
    const began = Date.now();
    await until('shut', () => told().length > 0);
    expect(Date.now() - began).toBeGreaterThan(3900);
    await until('said again', () => told().length > 2);
    expect(new Set(told())).toEqual(new Set(['shut']));
    expect(read('ss.log')).toBe('-K state established ( sport = :6443 )\n');
    answer(own, '200');
    await until('open', () => told().at(-1) === 'open');
    const said = told().length;
    await moreLooks(5);
    expect(told()).toHaveLength(said);
  }, 30_000);

  test('an apiserver that is only slow, or not ready for another reason, keeps its clients; shut, it is no reason to open', async () => {
    answer(own, '200');
    answer(peer, '200');
    start();
    await moreLooks(3);
    answer(own, '000', 28);
    await sleep(4500);
    writeFileSync(at(`ready-${own}`), '[+]etcd ok\n[-]informer-sync failed: reason withheld\n\n500 0');
    await sleep(4500);
    expect(told()).toEqual([]);
    answer(own, '500');
    await until('shut', () => told().length > 0);
    answer(own, '000', 28);
    const said = told().length;
    await until('said twice more', () => told().length >= said + 2);
    expect(new Set(told())).toEqual(new Set(['shut']));
  }, 30_000);

  test('after a short time shut it waits twice as long', async () => {
    answer(own, '200');
    answer(peer, '200');
    start();
    await moreLooks(3);
    for (const seconds of [4, 8]) {
      answer(own, '500');
      const [began, said] = [Date.now(), told().length];
      await until('shut', () => told().slice(said).includes('shut'));
      expect(Date.now() - began).toBeGreaterThan(seconds * 1000 - 100);
      answer(own, '200');
      await until('open', () => told().at(-1) === 'open');
    }
  }, 40_000);

  test('a short time shut before an apiserver that was not there does not make it wait longer', async () => {
    answer(own, '200');
    answer(peer, '200');
    start();
    await moreLooks(3);
    answer(own, '000');
    await until('shut', () => told().length > 0);
    answer(own, '200');
    await until('open', () => told().at(-1) === 'open');
    await until('said', () => read('said').includes('open: '));
    expect(read('said')).toContain('has etcd; the next time it shuts after 4 s without etcd');
  }, 40_000);

  test('shuts nobody while no peer is whole, and opens when the last whole one goes; 403 is what an apiserver says that has just begun', async () => {
    answer(own, '000');
    answer(peer, '403');
    start();
    await moreLooks(5);
    expect(told()).toEqual([]);
    answer(peer, '200');
    await until('shut, without 4 s as it never had etcd', () => told().length > 0);
    answer(peer, '500');
    await until('open', () => told().at(-1) === 'open');
  }, 30_000);

  test('one look that fails is none, not at the beginning either; an election is too short', async () => {
    answer(own, '500');
    answer(peer, '200');
    writeFileSync(at('sleep'), `#!/bin/sh\nprintf '\\n200 0' > ${at(`ready-${own}`)}\nexec /bin/sleep 0.05\n`);
    start();
    await moreLooks(6);
    writeFileSync(at('sleep'), fakes.sleep);
    answer(own, '500');
    await sleep(2000);
    answer(own, '200');
    await moreLooks(5);
    expect(told()).toEqual([]);
  }, 30_000);
});
