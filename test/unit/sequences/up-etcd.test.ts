/** `trivet up` with an external etcd on fake machines: members and masters from bare to done, again, killed, and whose keys go where. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../../src/model/bundle.ts';
import { receiptPath } from '../../../src/model/receipt.ts';
import { up } from '../../../src/sequences/up.ts';
import { crashing } from '../../fake-machine/crash.ts';
import { fakeBundle } from '../../fake-machine/fake-bundle.ts';
import { fakeCluster } from '../../fake-machine/fake-cluster.ts';
import { kubernetesMachine } from '../../fake-machine/kubernetes-answers.ts';
import { bind, rehearse, specOf, visible } from '../../fake-machine/rehearsal.ts';

let directory = '';
let bundle: Bundle;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trivet-etcd-'));
  bundle = await fakeBundle(directory);
});
afterAll(() => rm(directory, { recursive: true }));

const file = (etcd: string, hosts: readonly string[]) => `apiVersion: trivet.dev/v1alpha1
kind: Cluster
metadata: { name: rehearsal }
spec:
  kubernetes: { version: v1.34.4 }
  controlPlaneEndpoint: { address: 192.0.2.100 }
  etcd: ${etcd}
  hosts:
${hosts.map((host) => `    - ${host}\n`).join('')}`;

const master = (n: number, roles = 'master') => `{ name: m${n}, address: 192.0.2.1${n}, roles: [${roles}] }`;
const machine = (n: number) => `{ name: e${n}, address: 192.0.2.3${n}, roles: [etcd] }`;
const apart = file('external', [master(1), master(2), machine(1), machine(2), machine(3)]);
const beside = file(
  'external',
  [1, 2, 3].map((n) => master(n, 'master, etcd')),
);
const own = file('{ topology: external, endpoints: ["https://192.0.2.31:2379"], caFile: a, certFile: b, keyFile: c }', [
  master(1),
  master(2),
]);

function bare(text: string, foreignEtcd?: { readonly keys: number }) {
  const fake = fakeCluster();
  fake.foreignEtcd = foreignEtcd;
  const cluster = bind(specOf(text), bundle);
  const machines = cluster.hosts.map((host) => kubernetesMachine({ cluster: fake, host }));
  const of = (name: string) => {
    const found = machines.find(({ host }) => host.name === name);
    if (found === undefined) throw new Error(`no machine ${name}`);
    return found;
  };
  return { fake, cluster, machines, of, run: () => rehearse(up, cluster, machines) };
}

describe('up with hosted etcd', () => {
  test('on machines of its own: members run there, nothing of Kubernetes does, and masters have no member', async () => {
    const { fake, machines, of, run } = bare(apart);
    expect((await run()).error).toBeUndefined();
    for (const name of ['e1', 'e2', 'e3']) {
      expect(of(name).units.get('trivet-etcd.service')).toMatchObject({ enabled: true, active: true, starts: 1 });
      expect(of(name).units.get('kubelet.service')).toBeUndefined();
      expect(of(name).files.has('/etc/trivet/etcd-client/client.key')).toBe(false);
    }
    for (const name of ['m1', 'm2']) {
      expect(of(name).files.get('/etc/trivet/etcd-client/client.key')).toMatchObject({ mode: 0o600, owner: 'root:root' });
      expect(of(name).files.has('/etc/kubernetes/manifests/etcd.yaml')).toBe(false);
      expect(of(name).files.has('/etc/trivet/pki/etcd/ca.key')).toBe(false);
    }
    expect([...fake.nodes.keys()].sort()).toEqual(['m1', 'm2']);
    expect(of('m1').files.get('/var/lib/trivet/kubeadm-init.yaml')?.content).toContain('https://192.0.2.31:2379');
    for (const each of machines) each.changes.length = 0;
    expect((await run()).result?.changed).toBe(0);
    expect(machines.flatMap(({ changes }) => changes)).toEqual([]);
  });

  test('on the masters: each apiserver asks its own member; /var/lib/etcd stays free', async () => {
    const { machines, of, run } = bare(beside);
    expect((await run()).error).toBeUndefined();
    expect(of('m1').files.get('/var/lib/trivet/kubeadm-init.yaml')?.content).toMatch(
      /external:\n {4}endpoints:\n {6}- https:\/\/127\.0\.0\.1:2379\n/,
    );
    for (const each of machines) {
      expect(each.units.get('trivet-etcd.service')).toMatchObject({ enabled: true, active: true, starts: 1 });
      expect([...each.files.keys()].filter((path) => path.startsWith('/var/lib/etcd/'))).toEqual([]);
    }
    expect((await run()).result?.changed).toBe(0);
  });

  test('one CA; its key and the clients’ go into no event, no command line and no receipt', async () => {
    const { machines, of, run } = bare(apart);
    const { events } = await run();
    const keys = [of('e1').files.get('/etc/trivet/pki/etcd/ca.key'), of('e1').files.get('/etc/trivet/pki/apiserver-etcd-client.key')];
    expect(of('e3').files.get('/etc/trivet/pki/etcd/ca.key')).toMatchObject({ content: keys[0]?.content, mode: 0o600 });
    const told = JSON.stringify(events) + machines.flatMap(({ calls, files }) => [...calls, files.get(receiptPath)?.content]).join('\n');
    for (const key of keys) {
      const secret = key?.content.split('\n')[1] ?? '';
      expect([secret.length > 5, told.includes(secret)]).toEqual([true, false]);
    }
  });

  test('a member whose configuration changes restarts only when the one before it answers again', async () => {
    const { cluster, machines, of, run } = bare(beside);
    await run();
    for (const each of machines) each.calls.length = 0;
    const { error, steps } = await rehearse(up, { ...cluster, profile: 'good-lan' }, machines, { only: ['etcd-members'] });
    expect(error).toBeUndefined();
    expect(steps('changed').filter((step) => step.endsWith('etcd-members/run'))).toHaveLength(3);
    const order = steps('unchanged').concat(steps('changed'));
    expect(order).toEqual(expect.arrayContaining(['m1 etcd-members/answers', 'm3 etcd-members/answers']));
    expect(of('m2').files.get('/etc/trivet/etcd/etcd.yaml')?.content).toContain('election-timeout: 400');
  });

  test('killed at any call, then run again: the same machines, one CA, one cluster', async () => {
    const whole = bare(apart);
    await whole.run();
    const crash = fc.record({
      host: fc.nat(4),
      n: fc.integer({ min: 1, max: 60 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    });
    const property = fc.asyncProperty(fc.array(crash, { minLength: 1, maxLength: 3 }), async (crashes) => {
      const { fake, cluster, machines, run } = bare(apart);
      for (const { host, n, when } of crashes) {
        await rehearse(
          up,
          cluster,
          machines.map((each, index) => (index === host ? crashing(each, n, when) : each)),
        );
      }
      expect((await run()).error).toBeUndefined();
      expect(fake.founders).toEqual(['m1']);
      const authorities = new Set(machines.flatMap(({ files }) => files.get('/etc/trivet/pki/etcd/ca.crt')?.content ?? []));
      expect(authorities.size).toBe(1);
      expect(machines.map((each) => Object.keys(visible(each).files).length)).toEqual(
        whole.machines.map((each) => Object.keys(visible(each).files).length),
      );
      expect((await run()).result?.changed).toBe(0);
    });
    await fc.assert(property, { numRuns: 8 });
  }, 60_000);
});

describe('up with an etcd of the user’s own', () => {
  test('the masters get its certificates, note which it is, and nothing is made for it', async () => {
    const { machines, run } = bare(own, { keys: 0 });
    expect((await run()).error).toBeUndefined();
    for (const each of machines) {
      expect(each.files.get('/etc/trivet/etcd-client/client.key')).toMatchObject({ content: 'the etcd’s key\n', mode: 0o600 });
      expect(each.units.get('trivet-etcd.service')).toBeUndefined();
      expect(each.files.get('/var/lib/trivet/etcd-cluster')?.content).toMatch(/^\d+\n$/);
    }
    expect((await run()).result?.changed).toBe(0);
  });

  test('with keys of another Kubernetes in it: no master begins', async () => {
    const { fake, run } = bare(own, { keys: 512 });
    expect((await run()).error).toMatchObject({
      code: 'STEP_FAILED',
      findings: expect.arrayContaining([expect.stringContaining('512 keys')]),
    });
    expect(fake.founders).toEqual([]);
  });

  test('a master that comes later does not ask whether it is empty', async () => {
    const small = bare(own.replace(/ {4}- \{ name: m2.*\n/, ''), { keys: 0 });
    expect((await small.run()).error).toBeUndefined();
    small.fake.foreignEtcd = { keys: 300 };
    const cluster = bind(specOf(own), bundle);
    const machines = cluster.hosts.map((host) => small.fake.machines.get(host.name) ?? kubernetesMachine({ cluster: small.fake, host }));
    expect((await rehearse(up, cluster, machines)).error).toBeUndefined();
    expect(small.fake.founders).toEqual(['m1']);
  });
});
