import { expect, test } from 'vitest';
import { sampleProblems, threeMasters } from './sample-file.ts';

const endpoint = 'controlPlaneEndpoint: {address: 192.0.2.100}\n';
const pair = ['l1 41 lb', 'l2 42 lb'];

type Refused = readonly [name: string, spec: string, hosts: readonly string[], expected: readonly string[]];
const refused: readonly Refused[] = [
  [
    'lb with a scheme of the masters',
    endpoint,
    [...threeMasters, 'l1 41 lb'],
    [
      'c:11:46 spec.hosts[3].roles: the role lb has no use with vip-on-masters: only external-pair has machines that balance; expected another role, or scheme: {kind: external-pair, proxy: haproxy}',
    ],
  ],
  [
    'lb with local-proxy',
    'scheme: local-proxy',
    [...threeMasters, ...pair],
    [
      'c:11:46 spec.hosts[3].roles: the role lb has no use with local-proxy: only external-pair has machines that balance; expected another role, or scheme: {kind: external-pair, proxy: haproxy}',
      'c:12:46 spec.hosts[4].roles: the role lb has no use with local-proxy: only external-pair has machines that balance; expected another role, or scheme: {kind: external-pair, proxy: haproxy}',
    ],
  ],
  [
    'external-pair without a pair',
    `${endpoint}scheme: {kind: external-pair, proxy: nginx}`,
    threeMasters,
    [
      'c:7:18 spec.scheme.kind: no host has the role lb; expected external-pair to have two hosts of role lb, or more, between which the virtual address moves',
    ],
  ],
  [
    'a pair of one',
    `${endpoint}scheme: external-pair`,
    [...threeMasters, 'l1 41 lb'],
    [
      'c:12:46 spec.hosts[3].roles: one host of role lb: when it is lost, so is the way to all masters; expected external-pair to have two hosts of role lb, or more, between which the virtual address moves',
    ],
  ],
  [
    'lb on a master',
    `${endpoint}scheme: external-pair`,
    ['m1 11 master lb', 'm2 12 master', 'm3 13 master', ...pair],
    [
      'c:9:46 spec.hosts[0].roles: lb and master on one machine: a balancer machine does nothing else; expected lb alone; balancers on the masters themselves are scheme: {kind: vip-on-masters, proxy: haproxy}',
    ],
  ],
  [
    'lb on a worker and on a member of etcd',
    `${endpoint}scheme: external-pair\netcd: external`,
    [...threeMasters, 'l1 41 lb worker', 'l2 42 etcd lb'],
    [
      'c:13:46 spec.hosts[3].roles: lb and worker on one machine: a balancer machine does nothing else; expected lb alone',
      'c:14:46 spec.hosts[4].roles: lb and etcd on one machine: a balancer machine does nothing else; expected lb alone',
    ],
  ],
  [
    'etcd with stacked etcd',
    endpoint,
    [...threeMasters, 'e1 31 etcd'],
    [
      'c:11:46 spec.hosts[3].roles: the role etcd has no use with stacked etcd, where each master has a member; expected etcd: {topology: external} in spec, or this role left out',
    ],
  ],
  [
    'DNS on workers where there is none',
    `${endpoint}dns: {on: workers}`,
    ['m1 11 master worker', 'm2 12 master', 'm3 13 master'],
    [
      'c:7:13 spec.dns.on: no host is a worker only, so the cluster would have no DNS; expected masters or all, or a host with roles: [worker]',
    ],
  ],
];

test.each(refused)('roleFindings: %s is refused', (_, spec, hosts, expected) => {
  expect(sampleProblems({ spec: spec.trimEnd(), hosts })).toEqual(expected);
});

test('roleFindings: labels and taints of a machine that becomes no node are refused', () => {
  const hosts = [...threeMasters, 'l1 41 lb {labels: {a: b}}', 'l2 42 lb {taints: []}'];
  expect(sampleProblems({ spec: `${endpoint}scheme: external-pair`, hosts })).toEqual([
    'c:12:52 spec.hosts[3].labels: l1 becomes no node of Kubernetes, so it has no labels; expected labels on hosts of role master or worker',
    'c:13:52 spec.hosts[4].taints: l2 becomes no node of Kubernetes, so it has no taints; expected taints on hosts of role master or worker',
  ]);
});

test.each<readonly [string, string, readonly string[]]>([
  ['master and worker on one machine', endpoint, ['m1 11 master worker', 'm2 12 master worker', 'm3 13 master worker']],
  ['master and etcd on one machine', `${endpoint}etcd: external`, ['m1 11 master etcd', 'm2 12 master etcd', 'm3 13 master etcd']],
  ['three balancers', `${endpoint}scheme: external-pair`, [...threeMasters, ...pair, 'l3 43 lb']],
  ['DNS on workers', `${endpoint}dns: {on: workers, as: daemonset}`, [...threeMasters, 'w1 21 worker']],
])('roleFindings: %s', (_, spec, hosts) => {
  expect(sampleProblems({ spec: spec.trimEnd(), hosts })).toEqual([]);
});
