/** Members of a hosted etcd whose data are not what the file expects. */

import { describe, expect, test } from 'vitest';
import { hostedEtcd } from '../../../etcd/hosted/hosted-etcd.ts';
import type { Cluster } from '../../../model/cluster.ts';
import { initialCluster } from '../../../render/etcd-config.ts';
import { healthy, healthySurvey, testCluster } from '../healthy-survey.ts';
import type { Surveyed } from '../survey.ts';
import { etcdMembers } from './etcd-members.ts';
import { etcdTopology } from './etcd-topology.ts';

const hosts = testCluster.hosts.map((host) =>
  host.roles.includes('master') ? { ...host, roles: [...host.roles, 'etcd' as const] } : host,
);
const cluster: Cluster = { ...testCluster, hosts, etcdOptions: { kind: 'hosted' }, etcd: hostedEtcd };
const masters = hosts.slice(0, 3);
const [m1] = hosts;
if (m1 === undefined) throw new Error('no host');
const ofUs = {
  ...healthy(m1).traces,
  hasReceipt: true,
  clusterName: 'test',
  kubernetes: [],
  cni: [],
  caSha256: undefined,
  kubeletServer: undefined,
};
const runs = (more: Partial<Surveyed> = {}): Partial<Surveyed> => ({
  traces: ofUs,
  etcdState: { data: ['member'], initialCluster: initialCluster(masters) },
  ...more,
});
const told = masters.map(({ name, internalAddress }, index) => ({
  name,
  clientUrl: `https://${internalAddress}:2379`,
  learner: false,
  healthy: index < 2,
  leader: index === 0,
}));

describe('etcdMembers', () => {
  test('nothing on bare machines, and nothing where the members are the file’s', () => {
    expect(etcdMembers(healthySurvey({}, cluster))).toEqual([]);
    expect(etcdMembers(healthySurvey({ m1: runs(), m2: runs(), m3: runs() }, cluster))).toEqual([]);
  });

  test('a run that ended when only some members had started goes on', () => {
    const begun = runs({ etcdState: { data: [], initialCluster: undefined } });
    expect(etcdMembers(healthySurvey({ m1: runs({ etcdMembers: [] }), m2: begun, m3: begun }, cluster))).toEqual([]);
  });

  test('data that are not this cluster’s are refused and named', () => {
    const survey = healthySurvey({ m2: { etcdState: { data: ['member', 'x'], initialCluster: undefined } } }, cluster);
    expect(etcdMembers(survey)).toMatchObject([
      { severity: 'error', host: 'm2', check: 'etcd-data', message: expect.stringContaining('member, x') },
    ]);
  });

  test('a host of role etcd more, or one fewer, is refused with the arithmetic', () => {
    const state = { data: ['member'], initialCluster: initialCluster(masters.slice(0, 1)) };
    const [finding] = etcdMembers(healthySurvey({ m1: runs({ etcdState: state }) }, cluster));
    expect(finding?.message).toBe(
      'etcd has 1 member (m1 at 192.0.2.11), whose quorum is 1; the file names 3 (m1 at 192.0.2.11, m2 at 192.0.2.12, m3 at 192.0.2.13)',
    );
  });

  test('a member that has lost its data is not started again as if it were new', () => {
    const empty = runs({ etcdState: { data: [], initialCluster: undefined } });
    const findings = etcdMembers(healthySurvey({ m1: runs({ etcdMembers: told }), m2: runs(), m3: empty }, cluster));
    expect(findings).toMatchObject([
      { host: 'm3', check: 'etcd-data', message: expect.stringContaining('2 of 3 members are healthy, the quorum is 2, 0 more may fail') },
    ]);
  });
});

describe('etcdTopology', () => {
  const stacked = { traces: { ...ofUs, kubernetes: ['/etc/kubernetes/manifests/etcd.yaml'] } };
  const external = { traces: { ...ofUs, kubernetes: ['/etc/trivet/etcd-client/client.key'] } };

  test('a cluster whose etcd is elsewhere than the file says is refused, either way', () => {
    expect(etcdTopology(healthySurvey({ m1: stacked }, cluster))).toMatchObject([{ host: 'm1', check: 'etcd-topology' }]);
    expect(etcdTopology(healthySurvey({ m1: external }))).toMatchObject([{ host: 'm1', check: 'etcd-topology' }]);
  });

  test('nothing where they agree', () => {
    expect(etcdTopology(healthySurvey({ m1: external }, cluster))).toEqual([]);
    expect(etcdTopology(healthySurvey({ m1: stacked }))).toEqual([]);
  });
});
