/** The whole of `trivet up` on fake machines: from bare to done, again, planned, grown. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../../src/model/bundle.ts';
import { receiptPath } from '../../../src/model/receipt.ts';
import { up } from '../../../src/sequences/up.ts';
import { fakeBundle } from '../../fake-machine/fake-bundle.ts';
import { type FakeCluster, fakeCluster } from '../../fake-machine/fake-cluster.ts';
import { kubernetesMachine } from '../../fake-machine/kubernetes-answers.ts';
import { bind, clusterFile, rehearse, specOf } from '../../fake-machine/rehearsal.ts';

let directory = '';
let bundle: Bundle;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trivet-up-'));
  bundle = await fakeBundle(directory);
});
afterAll(() => rm(directory, { recursive: true }));

function bare(size: { masters: number; workers: number }, fake: FakeCluster = fakeCluster()) {
  const cluster = bind(specOf(clusterFile(size)), bundle);
  const machines = cluster.hosts.map((host) => fake.machines.get(host.name) ?? kubernetesMachine({ cluster: fake, host }));
  const forget = () => {
    fake.kubeadmRuns.length = 0;
    for (const machine of machines) {
      machine.calls.length = 0;
      machine.changes.length = 0;
    }
  };
  return { cluster, fake, machines, forget, run: (mode: 'plan' | 'apply' = 'apply') => rehearse(up, cluster, machines, { mode }) };
}

describe('up of three masters and a worker', () => {
  test('from bare to done: one init, the others join, every member votes', async () => {
    const { fake, machines, run } = bare({ masters: 3, workers: 1 });
    const { error, result } = await run();
    expect(error).toBeUndefined();
    expect(result?.changed).toBeGreaterThan(100);
    expect(fake.founders).toEqual(['m1']);
    expect(fake.kubeadmRuns.filter((line) => line.endsWith(' init'))).toEqual(['m1 init']);
    expect([...fake.nodes.keys()].sort()).toEqual(['m1', 'm2', 'm3', 'w1']);
    expect([...fake.members].map(([name, { learner }]) => `${name} ${learner}`).sort()).toEqual(['m1 false', 'm2 false', 'm3 false']);
    for (const machine of machines) {
      expect(machine.units.get('kubelet.service')).toMatchObject({ enabled: true, active: true });
      expect(machine.files.has('/var/lib/trivet/completed')).toBe(true);
      expect(machine.units.get('keepalived.service')?.active === true).toBe(machine.host.roles.includes('master'));
    }
  });

  test('a second run changes nothing, asks for no join secret and calls no kubeadm', async () => {
    const { fake, machines, run, forget } = bare({ masters: 3, workers: 1 });
    await run();
    const tokens = fake.tokens.size;
    forget();
    const { error, result } = await run();
    expect(error).toBeUndefined();
    expect(result?.changed).toBe(0);
    expect(machines.flatMap((machine) => machine.changes)).toEqual([]);
    expect(fake.kubeadmRuns).toEqual([]);
    expect(fake.tokens.size).toBe(tokens);
  });

  test('a plan after it has no step left', async () => {
    const { run } = bare({ masters: 3, workers: 1 });
    await run();
    const { result, steps } = await run('plan');
    expect(result?.planned).toEqual([]);
    expect(steps('planned')).toEqual([]);
  });

  test('plan mode on bare machines writes nothing, and its steps are those that apply makes', async () => {
    const planned = bare({ masters: 3, workers: 1 });
    const { result, steps, error } = await planned.run('plan');
    expect(error).toBeUndefined();
    expect(planned.machines.flatMap((machine) => machine.changes)).toEqual([]);
    expect([...planned.fake.tokens, ...planned.fake.founders]).toEqual([]);
    expect(result?.changed).toBe(0);
    const applied = await bare({ masters: 3, workers: 1 }).run();
    const promised = new Set(steps('planned'));
    // What a run takes away of its own is not there to be planned.
    const surprises = applied.steps('changed').filter((step) => !promised.has(step) && !step.includes('/clean'));
    expect(surprises).toEqual([]);
  });

  test('join secrets are in no event, no receipt, no command line and no file that stays', async () => {
    const { fake, machines, run } = bare({ masters: 3, workers: 1 });
    const { events } = await run();
    const secrets = [...fake.tokens, ...fake.certificateKeys];
    expect(secrets.length).toBeGreaterThanOrEqual(2);
    const told = JSON.stringify(events) + machines.flatMap((machine) => machine.calls).join('\n');
    const kept = machines.flatMap((machine) => [...machine.files.values()].map((file) => file.content)).join('\n');
    for (const secret of secrets) {
      expect(told).not.toContain(secret);
      expect(kept).not.toContain(secret);
    }
    expect(machines.map((machine) => machine.files.has('/run/trivet/join.yaml'))).toEqual([false, false, false, false]);
    expect(machines[1]?.files.get(receiptPath)?.content).toContain('/run/trivet/join.yaml');
  });
});

describe('up of a cluster that grows', () => {
  test('from 1 master and 1 worker to 3 and 2: only the new ones join, init never runs again', async () => {
    const small = bare({ masters: 1, workers: 1 });
    expect((await small.run()).error).toBeUndefined();
    small.forget();
    const large = bare({ masters: 3, workers: 2 }, small.fake);
    const { error, steps } = await large.run();
    expect(error).toBeUndefined();
    expect(large.fake.founders).toEqual(['m1']);
    expect(large.fake.kubeadmRuns.filter((line) => / init$/.test(line))).toEqual([]);
    expect(new Set(large.fake.kubeadmRuns.map((line) => line.split(' ')[0]))).toEqual(new Set(['m2', 'm3', 'w2']));
    const joined = [...steps('changed'), ...steps('unchanged')].filter((step) => /^(m1|w1) (join|first)/.test(step));
    expect(joined).toEqual([]);
    expect(large.machines.map((machine) => machine.files.get('/etc/hosts')?.content.includes('192.0.2.22 w2'))).toEqual(
      Array(5).fill(true),
    );
    large.forget();
    expect((await large.run()).result?.changed).toBe(0);
  });

  test('the VIP’s virtual router id stays when masters are added', async () => {
    const small = bare({ masters: 1, workers: 0 });
    await small.run();
    const m1 = small.machines[0];
    const config = '/etc/keepalived/keepalived.conf';
    m1?.put(config, { content: m1.files.get(config)?.content.replace('virtual_router_id 100', 'virtual_router_id 77') ?? '', mode: 0o600 });
    const large = bare({ masters: 3, workers: 0 }, small.fake);
    await large.run();
    expect(large.machines.map((machine) => /virtual_router_id (\d+)/.exec(machine.files.get(config)?.content ?? '')?.[1])).toEqual([
      '77',
      '77',
      '77',
    ]);
  });
});

describe('up with half-made masters', () => {
  test('the half-made one founds, whatever its place, and nobody else', async () => {
    const { fake, machines, run } = bare({ masters: 3, workers: 1 });
    machines[1]?.put('/etc/kubernetes/admin.conf', { content: 'half\n', mode: 0o600 });
    machines[1]?.put('/etc/kubernetes/pki/ca.crt', { content: 'half\n' });
    const planned = await run('plan');
    expect(planned.steps('planned').filter((step) => step.endsWith('kubeadm-init'))).toEqual(['m2 first-master/kubeadm-init']);
    const joining = planned.steps('planned').filter((step) => step.endsWith('join-masters/finish'));
    expect(joining).toEqual(['m1 join-masters/finish', 'm3 join-masters/finish']);
    expect((await run()).error).toBeUndefined();
    expect(fake.kubeadmRuns.filter((line) => line.endsWith(' init'))).toEqual(['m2 init']);
    expect(fake.members.size).toBe(3);
  });

  test.each(['pki', 'kubeconfigs', 'kubelet', 'etcd', 'mark'])('kubeadm init that dies after %s goes on in the next run', async (stage) => {
    const { fake, run } = bare({ masters: 3, workers: 0 }, fakeCluster([`m1 init ${stage}`]));
    expect((await run()).error).toMatchObject({ code: 'STEP_FAILED', host: 'm1' });
    expect((await run()).error).toBeUndefined();
    expect(fake.founders).toEqual(['m1']);
    expect(fake.members.size).toBe(3);
  });

  test.each([
    'm2 control-plane-prepare all pki',
    'm2 control-plane-prepare all manifests',
    'm2 kubelet-start ca',
    'm2 kubelet-start start',
    'm2 etcd-join learner',
    'm2 etcd-join promoted',
    'm2 finish bootstrap',
    'w1 kubelet-start ca',
    'w1 finish bootstrap',
  ])('kubeadm join that dies (%s) goes on in the next run', async (death) => {
    const { fake, run } = bare({ masters: 3, workers: 1 }, fakeCluster([death]));
    expect((await run()).error).toMatchObject({ code: 'STEP_FAILED', host: death.slice(0, 2) });
    expect((await run()).error).toBeUndefined();
    expect(fake.deaths.size).toBe(0);
    expect(fake.founders).toEqual(['m1']);
    expect([...fake.members.values()].filter(({ learner }) => learner)).toEqual([]);
    expect(fake.nodes.size).toBe(4);
  });
});
