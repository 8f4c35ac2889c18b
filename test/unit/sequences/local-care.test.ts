/** The whole of `trivet up` with trivet care on every node: who learns of new masters, when the cluster lets nodes look, and reset. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../../src/model/bundle.ts';
import { up } from '../../../src/sequences/up.ts';
import { fakeBundle } from '../../fake-machine/fake-bundle.ts';
import { fakeCluster } from '../../fake-machine/fake-cluster.ts';
import { kubernetesMachine } from '../../fake-machine/kubernetes-answers.ts';
import { bind, clusterFile, rehearse, specOf } from '../../fake-machine/rehearsal.ts';

let directory = '';
let bundle: Bundle;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trivet-local-care-'));
  bundle = await fakeBundle(directory);
});
afterAll(() => rm(directory, { recursive: true }));

/** Neither a scheme nor an address: this is what such a file means. */
const clusterOf = (masters: number) =>
  bind(specOf(clusterFile({ masters, workers: 1 }).replace('  controlPlaneEndpoint: { address: 192.0.2.100 }\n', '')), bundle);

describe('up with local-care', () => {
  test('from bare to done: the daemon is there before kubeadm, the nodes may look once there is a cluster; then nothing changes', async () => {
    const fake = fakeCluster();
    const cluster = clusterOf(3);
    const machines = cluster.hosts.map((host) => kubernetesMachine({ cluster: fake, host }));
    const { error, steps } = await rehearse(up, cluster, machines);
    expect(error).toBeUndefined();
    expect([...fake.nodes.keys()].sort()).toEqual(['m1', 'm2', 'm3', 'w1']);
    const changed = steps('changed');
    const daemons = ['m1', 'm2', 'm3', 'w1'].map((name) => changed.indexOf(`${name} endpoint/trivet-care`));
    expect(Math.min(...daemons)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...daemons)).toBeLessThan(changed.findIndex((step) => step.includes('kubeadm-init')));
    expect(changed).toContain('m1 addons/scheme');
    expect([...fake.applied].map((list) => JSON.parse(list).items.map(({ kind }: { kind: string }) => kind))).toEqual([
      ['Role', 'RoleBinding'],
    ]);
    for (const machine of machines) {
      expect(machine.files.get('/etc/hosts')?.content).toContain('10.103.97.2 apiserver.cluster.local\n');
      expect(machine.files.get('/usr/local/bin/trivet')?.mode).toBe(0o755);
    }
    expect((await rehearse(up, cluster, machines)).result?.changed).toBe(0);
  }, 60_000);

  test('one master becomes three: every daemon begins again with all of them before the first one joins', async () => {
    const fake = fakeCluster();
    const before = clusterOf(1);
    for (const host of before.hosts) kubernetesMachine({ cluster: fake, host });
    expect((await rehearse(up, before, [...fake.machines.values()])).error).toBeUndefined();
    const starts = fake.machines.get('w1')?.units.get('trivet-care.service')?.starts ?? 0;
    const after = clusterOf(3);
    const machines = after.hosts.map((host) => fake.machines.get(host.name) ?? kubernetesMachine({ cluster: fake, host }));
    const { error, steps } = await rehearse(up, after, machines);
    expect(error).toBeUndefined();
    const changed = steps('changed');
    const follows = ['m1', 'm2', 'm3', 'w1'].map((name) => changed.indexOf(`${name} endpoint/trivet-care`));
    expect(Math.min(...follows)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...follows)).toBeLessThan(changed.findIndex((step) => step.includes(' join-masters/')));
    expect(fake.machines.get('w1')?.units.get('trivet-care.service')?.starts).toBe(starts + 1);
  }, 60_000);
});
