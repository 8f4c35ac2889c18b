/** `trivet up` killed at any call on any machine, and kubeadm dying in any stage: the next run converges, to exactly one cluster. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Bundle } from '../../../src/model/bundle.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import type { Connection } from '../../../src/model/connection.ts';
import { up } from '../../../src/sequences/up.ts';
import { crashing } from '../../fake-machine/crash.ts';
import { fakeBundle } from '../../fake-machine/fake-bundle.ts';
import { fakeCluster } from '../../fake-machine/fake-cluster.ts';
import type { FakeMachine } from '../../fake-machine/fake-machine.ts';
import { kubernetesMachine } from '../../fake-machine/kubernetes-answers.ts';
import { bind, clusterFile, rehearse, specOf, visible } from '../../fake-machine/rehearsal.ts';

let directory = '';
let bundle: Bundle;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trivet-crash-'));
  bundle = await fakeBundle(directory);
});
afterAll(() => rm(directory, { recursive: true }));

function bare(deaths: readonly string[] = []) {
  const fake = fakeCluster(deaths);
  const cluster = bind(specOf(clusterFile({ masters: 3, workers: 1 })), bundle);
  return { fake, cluster, machines: cluster.hosts.map((host) => kubernetesMachine({ cluster: fake, host })) };
}

const deaths = [
  'm1 init pki',
  'm1 init etcd',
  'm2 control-plane-prepare all pki',
  'm3 etcd-join learner',
  'm2 finish bootstrap',
  'w1 kubelet-start ca',
];

test('up: crashes at any calls, then run again: the machines as without a crash, and one cluster', async () => {
  const whole = bare();
  const calls = await connectionCalls(whole.cluster, whole.machines);
  const crash = fc.record({
    host: fc.nat(3),
    n: fc.integer({ min: 1, max: calls }),
    when: fc.constantFrom('before' as const, 'after' as const),
  });
  const property = fc.asyncProperty(fc.array(crash, { minLength: 1, maxLength: 3 }), fc.subarray(deaths), async (crashes, dying) => {
    const { fake, cluster, machines } = bare(dying);
    for (const { host, n, when } of crashes) {
      await rehearse(
        up,
        cluster,
        machines.map((machine, index) => (index === host ? crashing(machine, n, when) : machine)),
      );
    }
    // Each run ends at the stage in which kubeadm died.
    for (let run = 0; fake.deaths.size > 0 && run <= dying.length; run += 1) await rehearse(up, cluster, machines);
    const { error } = await rehearse(up, cluster, machines);
    expect(error).toBeUndefined();
    expect(fake.founders).toEqual(['m1']);
    expect([...fake.members.values()].map(({ learner }) => learner)).toEqual([false, false, false]);
    expect(fake.nodes.size).toBe(4);
    for (const [index, machine] of machines.entries()) {
      expect(withoutPodRanges(visible(machine))).toEqual(withoutPodRanges(visible(whole.machines[index] ?? machine)));
      expect(machine.files.has('/run/trivet/join.yaml')).toBe(false);
    }
    expect((await rehearse(up, cluster, machines)).result?.changed).toBe(0);
  });
  await fc.assert(property, { numRuns: 12 });
}, 60_000);

/** How many calls the busiest connection sees in a run from bare to done. */
async function connectionCalls(cluster: Cluster, machines: readonly FakeMachine[]): Promise<number> {
  const counts = machines.map(() => 0);
  const counted = machines.map((machine, index): Connection => {
    const count = <T>(call: () => T): T => {
      counts[index] = (counts[index] ?? 0) + 1;
      return call();
    };
    return {
      ...machine,
      run: (argv, options) => count(() => machine.run(argv, options)),
      write: (path, content, mode) => count(() => machine.write(path, content, mode)),
      read: (path) => count(() => machine.read(path)),
      upload: (source, path, options) => count(() => machine.upload(source, path, options)),
    };
  });
  expect((await rehearse(up, cluster, counted)).error).toBeUndefined();
  return Math.max(...counts);
}

/** Which node gets which pod range depends on who comes first. */
function withoutPodRanges(machine: ReturnType<typeof visible>) {
  return JSON.parse(
    JSON.stringify(machine)
      .replaceAll(/10\.244\.\d+\.0\/24/g, 'RANGE')
      .replaceAll(/route RANGE via [\d.]+\\n/g, 'ROUTE'),
  );
}
