/** status: what counts as healthy under each scheme, and how it reads. */

import { describe, expect, test } from 'vitest';
import { bind, clusterFile, specOf } from '../../test/fake-machine/rehearsal.ts';
import { statusText } from '../cli/status-text.ts';
import type { BalancerHealth } from '../facts/balancer.ts';
import type { MachineHealth } from '../facts/machine-health.ts';
import type { Cluster } from '../model/cluster.ts';
import { clusterStatus, type Gathered, hasBalancer } from './cluster-status.ts';

const file = clusterFile({ masters: 3, workers: 1 });
const vip = bind(specOf(file), undefined);
const lbs = ['lb1', 'lb2'].map((name, index) => `    - { name: ${name}, address: 192.0.2.${31 + index}, roles: [lb] }\n`).join('');
const pair = bind(specOf(`${file}${lbs}`.replace('spec:\n', 'spec:\n  scheme: external-pair\n')), undefined);
const external = bind(specOf(file.replace('spec:\n', 'spec:\n  scheme: external\n')), undefined);
const local = bind(
  specOf(file.replace('spec:\n', 'spec:\n  scheme: local-proxy\n').replace('  controlPlaneEndpoint: { address: 192.0.2.100 }\n', '')),
  undefined,
);
const care = bind(
  specOf(file.replace('spec:\n', 'spec:\n  scheme: local-care\n').replace('  controlPlaneEndpoint: { address: 192.0.2.100 }\n', '')),
  undefined,
);

const well: MachineHealth = {
  containerd: 'active',
  kubelet: 'active',
  keepalived: 'active',
  apiserver: 200,
  holdsVip: false,
  endpoint: 200,
};
const member = (name: string, more = {}) => ({ name, clientUrl: '', learner: false, healthy: true, leader: name === 'm2', ...more });
const backend = (name: string, state = 'UP') => ({ name, state, sinceSeconds: 60, lastCheck: 'L7OK/200' });
const balancer = (more: Partial<BalancerHealth> = {}): BalancerHealth => ({
  unit: 'active',
  backends: ['m1', 'm2', 'm3'].map((name) => backend(name)),
  ...more,
});

/** A whole cluster; `machines` gives what is different about one. */
function gathered(
  machines: Readonly<Record<string, Partial<MachineHealth> | string>> = {},
  more: Partial<Gathered> = {},
  cluster: Cluster = vip,
): Gathered {
  const holder = cluster.scheme.vipHosts(cluster)[0]?.name;
  const health = (name: string) => {
    const different = machines[name];
    return typeof different === 'string' ? different : { ...well, holdsVip: name === holder, ...different };
  };
  return {
    machines: new Map(cluster.hosts.map(({ name }) => [name, health(name)])),
    nodes: ['m1', 'm2', 'm3', 'w1'].map((name) => ({
      name,
      internalAddress: undefined,
      podCidr: undefined,
      ready: true,
      labels: {},
      taints: [],
    })),
    members: ['m1', 'm2', 'm3'].map((name) => member(name)),
    leaders: [],
    balancers: new Map(cluster.hosts.filter((host) => hasBalancer(cluster, host)).map(({ name }) => [name, balancer()])),
    ...more,
  };
}

describe('clusterStatus', () => {
  test.each([
    ['vip-on-masters', vip],
    ['external-pair', pair],
    ['external', external],
    ['local-proxy', local],
    ['local-care', care],
  ])('%s: a whole cluster is healthy, and one member may fail', (_, cluster) => {
    const status = clusterStatus(cluster, gathered({}, {}, cluster));
    expect(status).toMatchObject({ healthy: true, problems: [], endpoint: { asked: 4 } });
    expect(status.etcd).toMatchObject({ voters: 3, healthy: 3, quorum: 2, spare: 1 });
  });

  test('an unreachable machine, an apiserver that does not serve, a node that is not there: each is told once', () => {
    const facts = gathered({ m2: 'no route to host', m3: { apiserver: 0 } });
    const status = clusterStatus(vip, { ...facts, nodes: facts.nodes.filter((node) => node.name !== 'w1') });
    expect(status.problems).toEqual([
      'm2 cannot be asked: no route to host',
      'the apiserver on m3 is not ready (no answer)',
      'node w1 is missing',
    ]);
  });

  test('two holders of the address are a problem, and so is none; keepalived that does not run is one', () => {
    expect(clusterStatus(vip, gathered({ m2: { holdsVip: true } })).problems).toEqual([
      "2 machines hold the endpoint's address 192.0.2.100: m1, m2",
    ]);
    expect(clusterStatus(vip, gathered({ m1: { holdsVip: false, keepalived: 'failed' } })).problems).toEqual([
      "0 machines hold the endpoint's address 192.0.2.100: none",
      "keepalived on m1 does not run: it cannot take the endpoint's address",
    ]);
  });

  test('the endpoint that does not answer a node is a problem under every scheme', () => {
    for (const cluster of [vip, pair, external, local]) {
      const status = clusterStatus(cluster, gathered({ w1: { endpoint: 0 } }, {}, cluster));
      expect(status.problems).toEqual(['the endpoint does not answer w1']);
    }
  });

  test('lb machines are no nodes: neither missing nor without a kubelet; their keepalived must run', () => {
    const bare = { containerd: '', kubelet: 'inactive', apiserver: 0, endpoint: 0 };
    const status = clusterStatus(pair, gathered({ lb1: { ...bare, holdsVip: true }, lb2: { ...bare, keepalived: 'inactive' } }, {}, pair));
    expect(status.machines.find(({ name }) => name === 'lb2')).toMatchObject({ node: undefined, kubelet: '', apiserver: undefined });
    expect(status.problems).toEqual(["keepalived on lb2 does not run: it cannot take the endpoint's address"]);
  });

  test('balancers: one that does not run, one that lacks a master, one that is wrong about a master; a dead master is told once', () => {
    const balancers = new Map([
      ['m1', balancer({ unit: 'failed', backends: undefined })],
      ['m2', balancer({ backends: [backend('m1'), backend('m2'), backend('m9')] })],
      ['m3', balancer({ backends: [backend('m1', 'DOWN'), backend('m2'), backend('m3')] })],
      ['w1', balancer({ unit: 'active', backends: undefined })],
    ]);
    expect(clusterStatus(local, gathered({}, { balancers }, local)).problems).toEqual([
      'the balancer on m1 does not run (failed)',
      'the balancer on m2 does not know m3',
      'the balancer on m2 still has m9, which the file does not name as masters',
      'the balancer on m3 finds m1 down, whose apiserver serves',
    ]);
    const down = new Map([['m1', balancer({ backends: [backend('m1'), backend('m2', 'DOWN'), backend('m3')] })]]);
    expect(clusterStatus(local, gathered({ m2: 'no route to host' }, { balancers: down }, local)).problems).toEqual([
      'm2 cannot be asked: no route to host',
    ]);
  });

  test('etcd: a member down, a learner and a missing member; learners have no vote', () => {
    const members = [member('m1', { healthy: false }), member('m2', { learner: true })];
    const status = clusterStatus(vip, gathered({}, { members }));
    expect(status.problems).toEqual([
      'etcd member m1 does not answer',
      'etcd member m2 is still a learner',
      'etcd has 2 members, the cluster file asks for 3',
    ]);
    expect(status.etcd).toMatchObject({ voters: 1, healthy: 0, quorum: 1, spare: 0 });
    expect(clusterStatus(vip, gathered({}, { members: [] })).etcd).toMatchObject({ voters: 0, quorum: 0, spare: 0 });
  });

  test('a controller manager that nobody leads is a problem', () => {
    const lease = {
      of: 'kube-controller-manager',
      holder: 'm1',
      since: undefined,
      renewedSecondsAgo: 40,
      current: false,
      transitions: 1,
    } as const;
    expect(clusterStatus(vip, gathered({}, { leaders: [lease] })).problems).toEqual([
      'no kube-controller-manager leads: its lease is not renewed',
    ]);
  });
});

describe('statusText', () => {
  const lease = (of: 'kube-controller-manager' | 'kube-scheduler', holder: string) => ({
    of,
    holder,
    since: undefined,
    renewedSecondsAgo: 1,
    current: true,
    transitions: 0,
  });
  const leaders = [lease('kube-controller-manager', 'm3'), lease('kube-scheduler', 'm1')];

  test('a VIP on masters: who holds it, who leads, what is wrong', () => {
    const facts = gathered({ m2: 'no route to host', w1: { apiserver: 0 } }, { leaders });
    expect(
      statusText(clusterStatus(vip, facts)),
    ).toBe(`MACHINE  ROLES   ADDRESS     NODE   KUBELET      CONTAINERD  APISERVER  ETCD    ENDPOINT
m1       master  192.0.2.11  Ready  active       active      ready      member  holds it
m2       master  192.0.2.12  Ready  unreachable  -           -          leader
m3       master  192.0.2.13  Ready  active       active      ready      member
w1       worker  192.0.2.21  Ready  active       active      -          -

endpoint  https://192.0.2.100:6443 (vip-on-masters/none), held by m1; answers 3 of 3 nodes
etcd      on the masters: 3 of 3 voting members healthy, quorum is 2: 1 more may fail
leaders   controller-manager m3, scheduler m1
rehearsal is not healthy:
  m2 cannot be asked: no route to host
`);
  });

  test('balancer machines beside the nodes', () => {
    const balancers = new Map([
      ['lb1', balancer()],
      ['lb2', balancer({ backends: [backend('m1'), backend('m2', 'DOWN'), backend('m3')] })],
    ]);
    const text = statusText(clusterStatus(pair, gathered({ m2: { apiserver: 500 } }, { balancers }, pair)));
    expect(text).toContain('m2       master  192.0.2.12  Ready  active   active      500        -          leader\n');
    expect(text).toContain('lb1      lb      192.0.2.31  -      -        -           -          3 of 3 up  -       holds it\n');
    expect(text).toContain('lb2      lb      192.0.2.32  -      -        -           -          2 of 3 up  -\n');
    expect(text).toContain('(external-pair/haproxy), held by lb1; answers 4 of 4 nodes\n');
  });

  test('an endpoint that no machine holds', () => {
    expect(statusText(clusterStatus(local, gathered({}, {}, local)))).toContain(
      'endpoint  https://127.0.0.1:6443 on each node (local-proxy/haproxy), its balancer runs on 4 of 4; answers 4 of 4 nodes\n',
    );
    expect(statusText(clusterStatus(care, gathered({}, {}, care)))).toContain(
      'endpoint  https://10.103.97.2:6443 on each node (local-care/nft), its balancer runs on 4 of 4; answers 4 of 4 nodes\n',
    );
    expect(statusText(clusterStatus(external, gathered({}, {}, external)))).toContain(
      'endpoint  https://192.0.2.100:6443, your own load balancer; answers 4 of 4 nodes\n',
    );
  });
});
