/** The other shell programs: they parse, and the route program does what its file says. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ReceiptEntry } from '../model/receipt.ts';
import { podRoutes, podRoutesProgram } from './pod-network.ts';
import { restoreScript, stopScript } from './reset-scripts.ts';

const entries: readonly ReceiptEntry[] = [
  { kind: 'file', path: "/etc/it's a file", sha256: '', original: undefined },
  { kind: 'file', path: '/etc/two', sha256: '', original: '/var/lib/trivet/originals/two' },
  { kind: 'link', path: '/opt/cni/bin', target: '/usr/lib/cni', original: undefined },
  { kind: 'block', path: '/etc/hosts', name: 'cluster' },
  { kind: 'service', unit: 'containerd.service', wasEnabled: true, wasActive: true },
  { kind: 'packages', names: ['runc', 'containerd'] },
  { kind: 'command', step: 'first-master/kubeadm-init' },
];

test.each([
  [
    'stopScript, containerd trivet’s',
    stopScript({ ownContainerd: true, stackedEtcd: true, careEndpoint: { address: '10.103.97.2', port: 6443 } }),
  ],
  ['stopScript, containerd the owner’s', stopScript({ ownContainerd: false, stackedEtcd: false, careEndpoint: undefined })],
  ['restoreScript', restoreScript(entries)],
  ['restoreScript of nothing', restoreScript([])],
  ['podRoutesProgram', podRoutesProgram('/etc/trivet/pod-routes')],
])('%s is a script for sh', (_, input) => {
  expect(spawnSync('sh', ['-n'], { input, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

test('restoreScript undoes newest first, and starts what ran before after all files are back', () => {
  const lines = restoreScript(entries).split('\n');
  const place = (text: string) => lines.findIndex((line) => line.includes(text));
  expect(place('dpkg --purge runc containerd')).toBeLessThan(place('sed -i'));
  expect(place('sed -i')).toBeLessThan(place('/etc/two'));
  expect(place('systemctl restart containerd.service')).toBeGreaterThan(place('systemctl daemon-reload'));
  expect(restoreScript(entries)).not.toContain('systemctl stop containerd');
});

describe('podRoutesProgram', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'trivet-routes-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function run(verb: string) {
    const at = (name: string) => join(directory, name);
    writeFileSync(at('routes'), podRoutes('10.244.0.0/16', '10.244.0.0/24', [{ podCidr: '10.244.1.0/24', via: '192.0.2.12' }]));
    writeFileSync(at('program'), podRoutesProgram(at('routes')));
    writeFileSync(at('log'), '');
    const shown = '10.244.1.0/24 via 192.0.2.12 dev eth0\n10.244.9.0/24 via 192.0.2.19 dev eth0\n';
    const programs = {
      ip: `echo "ip $*" >> ${at('log')}; case "$*" in '-o route show'*) printf '${shown.replaceAll('\n', '\\n')}' ;; esac`,
      nft: `echo "nft $*" >> ${at('log')}; [ "$1" = -f ] && cat >> ${at('log')}; true`,
    };
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(at(name), `#!/bin/sh\n${text}\n`);
      chmodSync(at(name), 0o755);
    }
    const { status, stderr } = spawnSync('sh', [at('program'), verb], { env: { PATH: `${directory}:/usr/bin:/bin` }, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    return readFileSync(at('log'), 'utf8');
  }

  test('up: sets the routes of the file, takes away its own that are not in it, and masks only what leaves the pods', () => {
    const log = run('up');
    expect(log).toContain('ip route replace 10.244.1.0/24 via 192.0.2.12 proto 201\n');
    expect(log).toContain('ip route del 10.244.9.0/24 proto 201\n');
    expect(log).not.toContain('route del 10.244.1.0/24');
    expect(log).toContain('ip saddr 10.244.0.0/24 ip daddr != 10.244.0.0/16 masquerade');
  });

  test('down: takes away all of its own', () => {
    expect(run('down').split('\n')).toEqual(['ip route flush proto 201', 'nft delete table ip trivet-pods', '']);
  });
});
