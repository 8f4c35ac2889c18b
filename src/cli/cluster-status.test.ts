/** status: what counts as healthy, and how it reads. */

import { describe, expect, test } from 'vitest';
import { clusterFile, specOf } from '../../test/fake-machine/rehearsal.ts';
import type { MachineHealth } from '../facts/machine-health.ts';
import { clusterStatus, type Gathered, statusText } from './cluster-status.ts';

const spec = specOf(clusterFile({ masters: 3, workers: 1 }));
const names = spec.hosts.map((host) => host.name);
const well: MachineHealth = { containerd: 'active', kubelet: 'active', apiserver: 200, holdsVip: false };
const member = (name: string, more = {}) => ({ name, clientUrl: '', learner: false, healthy: true, leader: name === 'm2', ...more });

function gathered(machines: Readonly<Record<string, MachineHealth | string>> = {}, more: Partial<Gathered> = {}): Gathered {
  return {
    machines: new Map(names.map((name) => [name, machines[name] ?? { ...well, holdsVip: name === 'm1' }])),
    nodes: names.map((name) => ({ name, internalAddress: undefined, podCidr: undefined, ready: true, labels: {}, taints: [] })),
    members: ['m1', 'm2', 'm3'].map((name) => member(name)),
    ...more,
  };
}

describe('clusterStatus', () => {
  test('a whole cluster is healthy, and one member may fail', () => {
    const status = clusterStatus(spec, gathered());
    expect(status).toMatchObject({ healthy: true, problems: [], endpoint: { holders: ['m1'] } });
    expect(status.etcd).toMatchObject({ voters: 3, healthy: 3, quorum: 2, spare: 1 });
  });

  test('an unreachable machine, an apiserver that does not serve, a node that is not there: each is told once', () => {
    const facts = gathered({ m2: 'no route to host', m3: { ...well, apiserver: 0 } });
    const status = clusterStatus(spec, { ...facts, nodes: facts.nodes.filter((node) => node.name !== 'w1') });
    expect(status.problems).toEqual([
      'm2 cannot be asked: no route to host',
      'node w1 is missing',
      'the apiserver on m3 is not ready (no answer)',
    ]);
  });

  test('two holders of the address are a problem, and so is none', () => {
    const holder = { ...well, holdsVip: true };
    expect(clusterStatus(spec, gathered({ m1: holder, m2: holder })).problems).toEqual([
      "2 machines hold the endpoint's address 192.0.2.100: m1, m2",
    ]);
    expect(clusterStatus(spec, gathered({ m1: well, m2: well, m3: well, w1: well })).problems).toEqual([
      "0 machines hold the endpoint's address 192.0.2.100: none",
    ]);
  });

  test('etcd: a member down, a learner and a missing member; learners have no vote', () => {
    const members = [member('m1', { healthy: false }), member('m2', { learner: true })];
    const status = clusterStatus(spec, gathered({}, { members }));
    expect(status.problems).toEqual([
      'etcd member m1 does not answer',
      'etcd member m2 is still a learner',
      'etcd has 2 members, the cluster file 3 masters',
    ]);
    expect(status.etcd).toMatchObject({ voters: 1, healthy: 0, quorum: 1, spare: 0 });
    expect(clusterStatus(spec, gathered({}, { members: [] })).etcd).toMatchObject({ voters: 0, quorum: 0, spare: 0 });
  });
});

test('statusText: a table, the endpoint, etcd and the verdict', () => {
  const facts = gathered({ m1: { ...well, holdsVip: true }, m2: 'no route to host', m3: well, w1: { ...well, apiserver: 0 } });
  expect(
    statusText(clusterStatus(spec, facts)),
  ).toBe(`MACHINE  ROLES   ADDRESS     NODE   KUBELET      CONTAINERD  APISERVER  ETCD    ENDPOINT
m1       master  192.0.2.11  Ready  active       active      ready      member  holds it
m2       master  192.0.2.12  Ready  unreachable  -           -          leader
m3       master  192.0.2.13  Ready  active       active      ready      member
w1       worker  192.0.2.21  Ready  active       active      -          -

endpoint  https://192.0.2.100:6443, held by m1
etcd      3 of 3 voting members healthy, quorum is 2: 1 more may fail
rehearsal is not healthy:
  m2 cannot be asked: no route to host
`);
});
