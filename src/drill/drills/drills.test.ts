/** Whom the drills choose, on hand-made views of clusters, and where they mean nothing. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bind, specOf } from '../../../test/fake-machine/rehearsal.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { ClusterStatus } from '../../status/cluster-status.ts';
import { whyUnfit } from '../faults/unfit.ts';
import type { DrillView } from './drill.ts';
import { drillNamed, drills, victimNamed } from './drills.ts';

interface Given {
  readonly holders?: readonly string[];
  readonly leader?: string;
  readonly down?: readonly string[];
  readonly leads?: string;
}

/** All well, but for `down`. */
function view(example: string, { holders = [], leader, down = [], leads }: Given = {}): DrillView {
  const text = readFileSync(join(import.meta.dirname, '../../../examples', example), 'utf8');
  return {
    cluster: bind(specOf(text, example), undefined),
    status: statusOf(bind(specOf(text, example), undefined), {
      holders,
      down,
      ...(leader !== undefined && { leader }),
      ...(leads !== undefined && { leads }),
    }),
  };
}

function statusOf(cluster: Cluster, { holders = [], leader, down = [], leads }: Given): ClusterStatus {
  const role = cluster.etcd.name === 'stacked' ? 'master' : 'etcd';
  const hosts = cluster.etcd.name === 'foreign' ? [] : cluster.hosts.filter((host) => host.roles.includes(role));
  const members = hosts.map(({ name }) => ({
    name,
    clientUrl: '',
    learner: false,
    healthy: !down.includes(name),
    leader: name === leader,
  }));
  const healthy = members.filter((member) => member.healthy).length;
  const quorum = Math.floor(members.length / 2) + 1;
  return {
    cluster: cluster.name,
    scheme: cluster.scheme.variant,
    healthy: true,
    problems: [],
    endpoint: { address: cluster.endpoint.address, port: 6443, keptBy: 'one-machine', holders, answers: [], asked: 0 },
    machines: cluster.hosts.map(({ name, roles, address }) => ({
      name,
      roles,
      address,
      node: 'Ready',
      containerd: 'active',
      kubelet: 'active',
      apiserver: roles.includes('master') ? 200 : undefined,
      balancer: undefined,
      backends: undefined,
      unreachable: down.includes(name) ? 'no route to host' : undefined,
    })),
    etcd: { topology: cluster.etcd.name, members, voters: members.length, healthy, quorum, spare: Math.max(0, healthy - quorum) },
    leaders: (['kube-controller-manager', 'kube-scheduler'] as const).map((of) => ({
      of,
      holder: leads,
      since: undefined,
      renewedSecondsAgo: 1,
      current: true,
      transitions: 0,
    })),
  };
}

function chosen(name: string, given: DrillView): string {
  const choice = drillNamed(name)?.choose(given);
  if (choice === undefined) return 'no such drill';
  return 'notHere' in choice ? `not here: ${choice.notHere}` : choice.victims.map((host) => host.name).join(' ');
}

const three = 'three-masters-vip.yaml';

describe('drills', () => {
  test('names are told once; each has a summary; a process drill has the fault of its name', () => {
    const names = drills.map((drill) => drill.name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, summary, holdSeconds } of drills) {
      expect(name).toMatch(/^[a-z-]+$/);
      expect(summary.length).toBeGreaterThan(10);
      expect(holdSeconds).toBeLessThanOrEqual(60);
    }
    expect(drillNamed('nonsense')).toBeUndefined();
  });

  test('every claim that a scheme may make has a drill that tries to refute it', () => {
    const claims = [
      'machine-power-off',
      'apiserver-killed',
      'apiserver-frozen',
      'kubelet-killed',
      'machine-isolated',
      'balancer-killed',
      'balancer-power-off',
    ];
    expect(drills.flatMap(({ refutes }) => (refutes === undefined ? [] : [refutes])).toSorted()).toEqual(claims.toSorted());
  });

  test.each([
    ['machine-power-off', 'm2'],
    ['other-master-power-off', 'm1'],
    ['machine-isolated', 'm2'],
    ['apiserver-frozen', 'm2'],
    ['keepalived-killed', 'm2'],
    ['vip-drift', 'm2'],
    ['etcd-killed', 'm3'],
    ['etcd-disk-full', 'm3'],
    ['scheduler-killed', 'm1'],
    ['controller-manager-frozen', 'm1'],
    ['two-masters-down', 'm3 m1'],
    ['scale', ''],
    ['rolling-update-while-a-master-is-down', 'm2'],
  ])('VIP on m2, etcd’s leader m3, leases m1: %s goes to %s', (name, victims) => {
    expect(chosen(name, view(three, { holders: ['m2'], leader: 'm3', leads: 'm1' }))).toBe(victims);
  });

  test('without a VIP on masters: the first master that serves', () => {
    expect(chosen('machine-power-off', view('local-care.yaml', { down: ['m1'] }))).toBe('m2');
    expect(chosen('machine-power-off', view('external-pair-haproxy.yaml', { holders: ['l2'] }))).toBe('m1');
    expect(chosen('balancer-power-off', view('external-pair-haproxy.yaml', { holders: ['l2'] }))).toBe('l2');
    expect(chosen('balancer-killed', view('external-pair-haproxy.yaml', { holders: ['l2'] }))).toBe('l2');
    expect(chosen('balancer-killed', view('local-care.yaml'))).toBe('m1');
  });

  test.each([
    ['balancer-killed', three, /no balancer/],
    ['balancer-killed', 'external-pair-lvs.yaml', /in the kernel/],
    ['balancer-power-off', three, /role lb/],
    ['keepalived-killed', 'local-care.yaml', /no keepalived/],
    ['vip-drift', 'local-proxy-haproxy.yaml', /no VIP that moves/],
    ['vip-drift', 'single-master.yaml', /only|no VIP/],
    ['master-cut-off', 'single-master.yaml', /only one master/],
    ['two-masters-down', 'single-master.yaml', /only one master/],
    ['two-masters-down', 'etcd-machines.yaml', /only two masters/],
    ['two-etcd-machines-down', three, /no machines of its own/],
    ['etcd-killed', 'etcd-own.yaml', /your own/],
    ['etcd-killed', three, /no leader/],
    ['two-masters-down', 'etcd-own.yaml', /your own/],
    ['scheduler-killed', three, /no master leads/],
    ['scale-while-a-master-is-down', 'single-master.yaml', /no second master/],
  ])('%s on %s is not here: %s', (name, example, why) => {
    expect(chosen(name, view(example))).toMatch(why);
    expect(chosen(name, view(example))).toMatch(/^not here/);
  });

  test('two-masters-down takes so many of five masters that the quorum is lost, those that are down already counted', () => {
    const all = { holders: ['m1'], leader: 'm4' };
    expect(chosen('two-masters-down', view('five-masters.yaml', all)).split(' ')).toHaveLength(3);
    expect(chosen('two-masters-down', view('five-masters.yaml', { ...all, down: ['m5'] }))).toBe('m4 m2');
  });

  test('a master is not taken down for an exercise when etcd cannot miss it', () => {
    expect(chosen('node-drain-while-a-master-is-down', view(three, { holders: ['m1'], down: ['m3'] }))).toMatch(/can miss no master/);
  });

  test('whoever is chosen is fit for the fault, on every example', () => {
    for (const example of [
      three,
      'vip-haproxy.yaml',
      'external-pair-lvs.yaml',
      'local-care-proxy.yaml',
      'etcd-on-masters.yaml',
      'etcd-machines.yaml',
    ]) {
      const given = view(example, { holders: ['m1'], leader: 'e1', leads: 'm1' });
      for (const { act, choose } of drills) {
        const choice = choose(given);
        if (act.kind !== 'fault' || 'notHere' in choice) continue;
        for (const host of choice.victims) expect(whyUnfit(act.fault, host, given.cluster)).toBeUndefined();
      }
    }
  });
});

test('victimNamed: any machine that the fault fits; others with the reason', () => {
  const given = view(three);
  expect(victimNamed(given, 'm3')).toMatchObject({ victims: [{ name: 'm3' }] });
  expect(victimNamed(given, 'm9')).toEqual({ notHere: expect.stringContaining('there is no machine m9: there are m1, m2, m3') });
  expect(victimNamed(given, 'w1', drillNamed('apiserver-killed'))).toEqual({ notHere: 'w1 is no master' });
});
