/** The whole of `trivet up` with a balancer on every machine: who learns of new masters, and when. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../../src/model/bundle.ts';
import { up } from '../../../src/sequences/up.ts';
import { balancerState } from '../../fake-machine/balancer-answers.ts';
import { fakeBundle } from '../../fake-machine/fake-bundle.ts';
import { fakeCluster } from '../../fake-machine/fake-cluster.ts';
import { kubernetesMachine } from '../../fake-machine/kubernetes-answers.ts';
import { bind, clusterFile, rehearse, specOf } from '../../fake-machine/rehearsal.ts';

let directory = '';
let bundle: Bundle;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trivet-local-proxy-'));
  bundle = await fakeBundle(directory);
});
afterAll(() => rm(directory, { recursive: true }));

describe.each(['haproxy', 'nginx'])('up with local-proxy: %s', (proxy) => {
  const clusterOf = (masters: number) =>
    bind(
      specOf(
        clusterFile({ masters, workers: 1 }).replace(
          'controlPlaneEndpoint: { address: 192.0.2.100 }',
          `scheme: { kind: local-proxy, proxy: ${proxy} }`,
        ),
      ),
      bundle,
    );

  test('from bare to done, and a second run changes nothing', async () => {
    const fake = fakeCluster();
    const cluster = clusterOf(3);
    const machines = cluster.hosts.map((host) => kubernetesMachine({ cluster: fake, host }));
    expect((await rehearse(up, cluster, machines)).error).toBeUndefined();
    expect([...fake.nodes.keys()].sort()).toEqual(['m1', 'm2', 'm3', 'w1']);
    expect((await rehearse(up, cluster, machines)).result?.changed).toBe(0);
  }, 60_000);

  test('one master becomes three: every balancer follows before the first of them joins', async () => {
    const fake = fakeCluster();
    const before = clusterOf(1);
    for (const host of before.hosts) kubernetesMachine({ cluster: fake, host });
    expect((await rehearse(up, before, [...fake.machines.values()])).error).toBeUndefined();
    const after = clusterOf(3);
    const machines = after.hosts.map((host) => fake.machines.get(host.name) ?? kubernetesMachine({ cluster: fake, host }));
    const { error, steps } = await rehearse(up, after, machines);
    expect(error).toBeUndefined();
    const changed = steps('changed');
    const follows = ['m1', 'm2', 'm3', 'w1'].map((name) => changed.indexOf(`${name} endpoint/balancer-servers`));
    expect(Math.min(...follows)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...follows)).toBeLessThan(changed.findIndex((step) => step.includes(' join-masters/')));
    if (proxy !== 'haproxy') return;
    for (const machine of machines) {
      for (const server of ['m1 192.0.2.11:6443', 'm2 192.0.2.12:6443', 'm3 192.0.2.13:6443']) {
        expect(machine.files.get(balancerState)?.content).toContain(server);
      }
    }
  }, 60_000);
});
