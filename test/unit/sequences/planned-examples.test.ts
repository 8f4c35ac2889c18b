/** Every file in examples/ is planned against bare machines, and built on them. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../../src/model/bundle.ts';
import { masters, nodes } from '../../../src/model/cluster.ts';
import { up } from '../../../src/sequences/up.ts';
import { fakeBundle } from '../../fake-machine/fake-bundle.ts';
import { fakeCluster } from '../../fake-machine/fake-cluster.ts';
import { kubernetesMachine } from '../../fake-machine/kubernetes-answers.ts';
import { bind, rehearse, specOf } from '../../fake-machine/rehearsal.ts';

const examples = join(import.meta.dirname, '../../../examples');
const names = (await readdir(examples)).filter((name) => name.endsWith('.yaml'));
let directory = '';
let bundle: Bundle;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trivet-examples-'));
  bundle = await fakeBundle(directory);
});
afterAll(() => rm(directory, { recursive: true }));

describe.each(names)('examples/%s', (name) => {
  test('is planned for every host, then built: all nodes, all members, labels and taints as declared; then nothing is left', async () => {
    // Without a bundle the machines have everything already; a fake machine is given it by the bundle all the same.
    const cluster = bind(specOf(await readFile(join(examples, name), 'utf8'), name), bundle);
    const fake = fakeCluster();
    // What the user brings is there.
    if (cluster.etcdOptions.kind === 'foreign') fake.foreignEtcd = { keys: 0 };
    if (cluster.schemeOptions.kind === 'external') fake.ownBalancer = cluster.endpoint.address;
    const machines = cluster.hosts.map((host) => kubernetesMachine({ cluster: fake, host }));
    const planned = await rehearse(up, cluster, machines, { mode: 'plan' });
    expect(planned.error).toBeUndefined();
    expect(new Set(planned.result?.planned.map((step) => step.host))).toEqual(new Set(cluster.hosts.map((host) => host.name)));
    expect(machines.flatMap((machine) => machine.changes)).toEqual([]);

    expect((await rehearse(up, cluster, machines)).error).toBeUndefined();
    expect([...fake.nodes.keys()].sort()).toEqual(
      nodes(cluster)
        .map((host) => host.name)
        .sort(),
    );
    expect([...fake.members.keys()].sort()).toEqual(
      masters(cluster)
        .map((host) => host.name)
        .sort(),
    );
    for (const host of nodes(cluster)) {
      expect(fake.nodes.get(host.name)?.labels).toMatchObject(host.labels);
      for (const { key, value, effect } of host.taints) expect(fake.nodes.get(host.name)?.taints).toContain(`${key}=${value}:${effect}`);
    }
    const again = await rehearse(up, cluster, machines, { mode: 'plan' });
    expect([again.error, again.result?.planned]).toEqual([undefined, []]);
  }, 20_000);
});
