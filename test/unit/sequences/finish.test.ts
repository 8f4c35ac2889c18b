/** What `trivet up` finishes a cluster with: DNS, roles, labels, taints; and certificates that are copied over SSH. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../../src/model/bundle.ts';
import { up } from '../../../src/sequences/up.ts';
import { crashing } from '../../fake-machine/crash.ts';
import { fakeBundle } from '../../fake-machine/fake-bundle.ts';
import { fakeCluster } from '../../fake-machine/fake-cluster.ts';
import { kubernetesMachine } from '../../fake-machine/kubernetes-answers.ts';
import { bind, clusterFile, rehearse, specOf } from '../../fake-machine/rehearsal.ts';

let directory = '';
let bundle: Bundle;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trivet-finish-'));
  bundle = await fakeBundle(directory);
});
afterAll(() => rm(directory, { recursive: true }));

const size = { masters: 3, workers: 1 };
const withKeys = (keys: string, file = clusterFile(size)) => file.replace('  hosts:\n', `${keys}  hosts:\n`);

function bare(file: string, fake = fakeCluster()) {
  const cluster = bind(specOf(file), bundle);
  const machines = cluster.hosts.map((host) => fake.machines.get(host.name) ?? kubernetesMachine({ cluster: fake, host }));
  const run = (mode: 'plan' | 'apply' = 'apply') => rehearse(up, cluster, machines, { mode });
  return { cluster, fake, machines, run, with: (other: string) => bare(other, fake) };
}

const addonSteps = (steps: readonly string[]) => steps.filter((step) => /addons|dns/.test(step));

describe('DNS', () => {
  test('by default: a Deployment, one replica for each master, and no pod of kubeadm’s own started before', async () => {
    const { fake, run } = bare(clusterFile(size));
    const { steps } = await run();
    expect(addonSteps(steps('changed'))).toEqual(['m1 addons/kube-proxy', 'm1 addons/dns-begin', 'm1 addons/dns']);
    expect(fake.workloads.get('deployment/coredns')).toMatchObject({
      replicas: 3,
      template: { spec: { containers: [{ image: expect.any(String) }] } },
    });
    expect(JSON.stringify(fake.workloads.get('daemonset/kube-proxy'))).toContain('HTTP2_PING_TIMEOUT_SECONDS');
  });

  test('a DaemonSet in a new cluster replaces kubeadm’s Deployment before its pods start', async () => {
    const { fake, run } = bare(withKeys('  dns: {on: all, as: daemonset}\n'));
    const planned = await run('plan');
    const { steps } = await run();
    expect(addonSteps(steps('changed'))).toEqual(['m1 addons/kube-proxy', 'm1 addons/dns', 'm1 addons/dns-other']);
    expect(addonSteps(planned.steps('planned'))).toEqual(expect.arrayContaining(addonSteps(steps('changed'))));
    expect([...fake.workloads.keys()].sort()).toEqual(['daemonset/coredns', 'daemonset/kube-proxy']);
    expect((await run()).result?.changed).toBe(0);
  });

  test('there and back in a cluster that runs: the other kind goes only once the wanted one serves', async () => {
    const first = bare(clusterFile(size));
    await first.run();
    const asDaemonSet = first.with(withKeys('  dns: {on: all, as: daemonset}\n'));
    const there = await asDaemonSet.run();
    expect(addonSteps(there.steps('changed'))).toEqual(['m1 addons/dns', 'm1 finish/dns-other']);
    expect(there.steps('unchanged')).toContain('m1 finish/dns-serves');
    expect([...first.fake.workloads.keys()]).not.toContain('deployment/coredns');
    expect((await asDaemonSet.run()).result?.changed).toBe(0);
    const back = first.with(clusterFile(size));
    expect(addonSteps((await back.run()).steps('changed'))).toEqual(['m1 addons/dns', 'm1 finish/dns-other']);
    expect([...first.fake.workloads.keys()].sort()).toEqual(['daemonset/kube-proxy', 'deployment/coredns']);
    expect((await back.run()).result?.changed).toBe(0);
  });

  test('is placed anew when the file says other machines, or kubeadm upgrade has written its own Deployment', async () => {
    const first = bare(clusterFile(size));
    await first.run();
    const moved = first.with(withKeys('  dns: {on: workers}\n'));
    expect(addonSteps((await moved.run()).steps('changed'))).toEqual(['m1 addons/dns']);
    first.fake.workloads.set('deployment/coredns', {
      replicas: 1,
      template: { spec: { containers: [{ name: 'coredns', image: 'newer' }] } },
    });
    expect(addonSteps((await moved.run()).steps('changed'))).toEqual(['m1 addons/dns']);
    expect(first.fake.workloads.get('deployment/coredns')).toMatchObject({ template: { spec: { containers: [{ image: 'newer' }] } } });
  });

  test('what a user has left out of the cluster is not made', async () => {
    const first = bare(clusterFile(size));
    await first.run();
    first.fake.workloads.clear();
    expect((await first.run()).result?.changed).toBe(0);
  });

  test('killed at any call of the change, then run again: one kind is left, the wanted one', async () => {
    for (let n = 1; n < 40; n += 3) {
      const first = bare(clusterFile({ masters: 1, workers: 1 }));
      await first.run();
      const changed = first.with(withKeys('  dns: {on: all, as: daemonset}\n', clusterFile({ masters: 1, workers: 1 })));
      const [m1, ...others] = changed.machines;
      if (m1 === undefined) throw new Error('no m1');
      await rehearse(up, changed.cluster, [crashing(m1, n, n % 2 === 0 ? 'before' : 'after'), ...others], { only: ['addons', 'finish'] });
      expect(first.fake.workloads.size).toBeGreaterThanOrEqual(2);
      expect((await changed.run()).error).toBeUndefined();
      expect([...first.fake.workloads.keys()].sort()).toEqual(['daemonset/coredns', 'daemonset/kube-proxy']);
    }
  }, 30_000);
});

describe('roles, labels and taints', () => {
  const taint = 'node-role.kubernetes.io/control-plane:NoSchedule';
  const both = clusterFile(size).replace('address: 192.0.2.12, roles: [master]', 'address: 192.0.2.12, roles: [master, worker]');

  test('workers show their role; a master that is one too registers without a taint', async () => {
    const { fake, run } = bare(both);
    await run();
    const workers = [...fake.nodes].filter(([, { labels }]) => labels['node-role.kubernetes.io/worker'] === '').map(([name]) => name);
    expect(workers.sort()).toEqual(['m2', 'w1']);
    expect([fake.nodes.get('m1')?.taints, fake.nodes.get('m2')?.taints]).toEqual([[taint], []]);
  });

  test('a master that becomes a worker loses the taint, and gets it back', async () => {
    const first = bare(clusterFile(size));
    await first.run();
    expect((await first.with(both).run()).steps('changed')).toEqual(['m1 finish/label-workers', `m1 finish/untaint-m2-${taint}`]);
    expect(first.fake.nodes.get('m2')?.taints).toEqual([]);
    expect((await first.with(both).run()).result?.changed).toBe(0);
    expect((await first.run()).steps('changed')).toEqual([`m1 finish/taint-m2-${taint}`]);
  });

  test('taints of the user’s own kubeadm configuration are left to kubeadm', async () => {
    const own = clusterFile(size).replace(
      'kubernetes: { version: v1.34.4 }',
      'kubernetes: { version: v1.34.4, kubeadm: { initConfiguration: { nodeRegistration: { taints: [] } }, joinConfiguration: { nodeRegistration: { taints: [] } } } }',
    );
    const { fake, run } = bare(own);
    await run();
    expect((await run()).result?.changed).toBe(0);
    expect([...fake.nodes.values()].flatMap((node) => node.taints)).toEqual([]);
  });

  test('labels that the file no longer says stay', async () => {
    const labelled = clusterFile(size).replace('roles: [worker]', 'roles: [worker], labels: { disk: ssd, rack: a1 }');
    const first = bare(labelled);
    expect((await first.run()).steps('changed')).toContain('m1 finish/label-w1');
    expect(first.fake.nodes.get('w1')?.labels).toMatchObject({ disk: 'ssd', rack: 'a1' });
    expect((await first.with(clusterFile(size)).run()).result?.changed).toBe(0);
    expect(first.fake.nodes.get('w1')?.labels).toMatchObject({ disk: 'ssd', rack: 'a1' });
  });
});

describe('certificates: copy', () => {
  const copying = withKeys('  certificates: copy\n');
  const key = '/etc/kubernetes/pki/ca.key';

  test('the eight files come from the first master, keys for root alone, and no Secret of the cluster holds them', async () => {
    const { fake, machines, run } = bare(copying);
    const planned = await run('plan');
    expect(planned.steps('planned').filter((step) => step.startsWith('m2 join-masters/copy'))).toHaveLength(8);
    const { error, steps } = await run();
    expect(error).toBeUndefined();
    expect(steps('changed').filter((step) => step.startsWith('m3 join-masters/copy'))).toHaveLength(8);
    expect(fake.certificateKeys).toEqual([]);
    expect(machines.map((machine) => machine.files.get(key)?.mode)).toEqual([0o600, 0o600, 0o600, undefined]);
    expect(machines[1]?.files.get('/etc/kubernetes/pki/etcd/ca.key')).toMatchObject({ mode: 0o600, owner: 'root:root' });
    expect((await run()).result?.changed).toBe(0);
  });

  test('no key is in an event, a plan, a receipt, a log or a command line', async () => {
    const { machines, run } = bare(copying);
    const planned = await run('plan');
    const { events } = await run();
    const told = JSON.stringify([events, planned.result, planned.events]) + machines.flatMap((machine) => machine.calls).join('\n');
    const trivets = machines.flatMap((machine) =>
      [...machine.files].filter(([path]) => !path.startsWith('/etc/kubernetes/')).map(([, file]) => file.content),
    );
    for (const name of ['ca.key', 'sa.key', 'front-proxy-ca.key', 'etcd/ca.key']) {
      const content = machines[0]?.files.get(`/etc/kubernetes/pki/${name}`)?.content.trim() ?? '';
      expect(content).not.toBe('');
      for (const text of [content, Buffer.from(`${content}\n`).toString('base64')]) {
        expect(told).not.toContain(text);
        expect(trivets.join('\n')).not.toContain(text);
      }
    }
  });

  test.each(['ca.crt', 'sa.key'])('another cluster’s %s on a joining machine is refused, and stays as it is', async (name) => {
    const { machines, run } = bare(copying);
    const path = `/etc/kubernetes/pki/${name}`;
    await run();
    machines[1]?.files.delete('/var/lib/trivet/completed');
    machines[1]?.put(path, { content: 'of another cluster\n', mode: 0o600 });
    expect((await run()).error).toMatchObject({ code: 'FOREIGN_CLUSTER', host: 'm2', findings: [expect.stringContaining(path)] });
    expect(machines[1]?.files.get(path)?.content).toBe('of another cluster\n');
  });

  test('killed at any call while the files are written, then run again: the same files, and the machine joins', async () => {
    for (let n = 1; n < 60; n += 4) {
      const { cluster, fake, machines, run } = bare(copying);
      const broken = machines.map((machine, index) => (index === 1 ? crashing(machine, n, n % 8 === 1 ? 'after' : 'before') : machine));
      await rehearse(up, cluster, broken);
      expect((await run()).error).toBeUndefined();
      expect(fake.members.get('m2')?.learner).toBe(false);
      expect(machines[1]?.files.get(key)).toMatchObject({ content: machines[0]?.files.get(key)?.content, mode: 0o600 });
    }
  }, 60_000);
});
