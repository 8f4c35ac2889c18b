/** `trivet reset` after `trivet up`, its real scripts run by a real shell over each fake machine's files. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../../src/model/bundle.ts';
import type { Connection } from '../../../src/model/connection.ts';
import { reset } from '../../../src/sequences/reset.ts';
import { up } from '../../../src/sequences/up.ts';
import { crashing } from '../../fake-machine/crash.ts';
import { fakeBundle } from '../../fake-machine/fake-bundle.ts';
import { fakeCluster } from '../../fake-machine/fake-cluster.ts';
import { kubernetesMachine } from '../../fake-machine/kubernetes-answers.ts';
import { bind, clusterFile, rehearse, specOf, visible } from '../../fake-machine/rehearsal.ts';
import { inSandbox } from '../../fake-machine/sandbox.ts';

let directory = '';
let bundle: Bundle;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trivet-reset-'));
  bundle = await fakeBundle(directory);
});
afterAll(() => rm(directory, { recursive: true }));

/** A bare master, and a worker whose owner runs a containerd of his own. */
function machinesBefore() {
  const fake = fakeCluster();
  const cluster = bind(specOf(clusterFile({ masters: 1, workers: 1 })), bundle);
  const switchable = { real: false };
  const machines = cluster.hosts.map((host) => {
    const isWorker = host.name === 'w1';
    const machine = kubernetesMachine({
      cluster: fake,
      host,
      packages: ['dpkg', ...(isWorker ? ['containerd', 'runc'] : [])],
      files: isWorker ? { '/etc/containerd/config.toml': '# the owner’s\n', '/etc/sysctl.d/90-trivet.conf': '# by chance\n' } : {},
      answers: [(argv, self, stdin) => (switchable.real ? inSandbox(argv, self, stdin) : undefined)],
    });
    const unit = machine.units.get('containerd.service');
    if (unit !== undefined) unit.active = true;
    return machine;
  });
  const before = machines.map(visible);
  const tearDown = (some: readonly Connection[] = machines, mode: 'plan' | 'apply' = 'apply') => {
    switchable.real = true;
    return rehearse(reset, { ...cluster, openBundle: undefined }, some, { mode });
  };
  return { fake, cluster, machines, before, build: () => rehearse(up, cluster, machines), tearDown };
}

describe('reset', () => {
  test('after up, every machine is as before, and a second reset plans nothing', async () => {
    const { machines, before, build, tearDown } = machinesBefore();
    expect((await build()).error).toBeUndefined();
    expect(machines.map(visible)).not.toEqual(before);
    const { error, result } = await tearDown();
    expect(error).toBeUndefined();
    expect(result?.changed).toBe(6);
    for (const [index, machine] of machines.entries()) {
      expect(visible(machine)).toEqual(before[index]);
      expect([...machine.files.keys()].filter((path) => path.includes('trivet') && !path.endsWith('90-trivet.conf'))).toEqual([]);
    }
    const again = await tearDown(machines, 'plan');
    expect(again.result?.planned).toEqual([]);
  }, 60_000);

  test('killed after any of its steps, it goes on', async () => {
    const { machines, before, build, tearDown } = machinesBefore();
    await build();
    const [master, worker] = machines;
    if (master === undefined || worker === undefined) throw new Error('no machines');
    for (const n of [4, 8])
      expect((await tearDown([crashing(master, n, 'after'), worker])).error).toMatchObject({ code: 'CONNECTION_LOST' });
    expect((await tearDown()).error).toBeUndefined();
    expect(machines.map(visible)).toEqual(before);
  }, 60_000);

  test('on machines that trivet has not touched: plans nothing, changes nothing', async () => {
    const { machines, tearDown } = machinesBefore();
    expect((await tearDown(machines, 'plan')).result?.planned).toEqual([]);
    expect((await tearDown()).result?.changed).toBe(0);
    expect(machines.flatMap((machine) => machine.changes)).toEqual([]);
  });

  test('a machine of another cluster is refused, and nothing is done there', async () => {
    const { machines, tearDown } = machinesBefore();
    machines[0]?.put('/var/lib/trivet/cluster', { content: 'production\n' });
    const { error } = await tearDown();
    expect(error).toMatchObject({ code: 'FOREIGN_CLUSTER', host: 'm1', message: expect.stringContaining('production') });
    expect(machines[0]?.changes).toEqual([]);
  });
});

describe('reset with an external etcd', () => {
  const members = (etcd: string, ...hosts: readonly string[]) =>
    clusterFile({ masters: 1, workers: 0 }).replace(
      '  hosts:\n',
      `  etcd: ${etcd}\n  hosts:\n${hosts.map((host) => `    - ${host}\n`).join('')}`,
    );

  function machinesOf(text: string) {
    const fake = fakeCluster();
    fake.foreignEtcd = text.includes('endpoints') ? { keys: 0 } : undefined;
    const cluster = bind(specOf(text), bundle);
    const switchable = { real: false };
    const machines = cluster.hosts.map((host) =>
      kubernetesMachine({
        cluster: fake,
        host,
        // An etcd of the machine's owner, which is nobody else's business.
        files: { '/var/lib/etcd/member/wal/0.wal': 'theirs\n' },
        answers: [(argv, self, stdin) => (switchable.real ? inSandbox(argv, self, stdin) : undefined)],
      }),
    );
    return { cluster, machines, before: machines.map(visible), switchable };
  }

  test.each([
    ['hosted', members('external', '{ name: e1, address: 192.0.2.31, roles: [etcd] }')],
    ['foreign', members('{ topology: external, endpoints: ["https://192.0.2.31:2379"], caFile: a, certFile: b, keyFile: c }')],
  ])(
    '%s: members, certificates and user are gone; an etcd in /var/lib/etcd stays',
    async (_, text) => {
      const { cluster, machines, before, switchable } = machinesOf(text);
      expect((await rehearse(up, cluster, machines)).error).toBeUndefined();
      switchable.real = true;
      expect((await rehearse(reset, { ...cluster, openBundle: undefined }, machines)).error).toBeUndefined();
      expect(machines.map(visible)).toEqual(before);
    },
    60_000,
  );
});
