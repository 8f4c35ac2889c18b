import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseClusterFile } from './parse-cluster-file.ts';
import { formatProblem } from './problem.ts';

const options = { path: 'cluster.yaml', directory: '/clusters', home: '/home/operator' };

const good = `apiVersion: trivet.dev/v1alpha1
kind: Cluster
metadata: {name: demo}
spec:
  lab: demo
  kubernetes: {version: v1.34.4, ignorePreflightErrors: [SystemVerification]}
  bundle: /abs/path
  ssh: {user: root, keyFile: /abs/key, knownHosts: /abs/known_hosts}
  controlPlaneEndpoint: {domain: apiserver.cluster.local, address: 192.0.2.100, port: 6443}
  scheme: vip-on-masters
  hosts:
    - {name: m1, address: 192.0.2.11, roles: [master]}
    - {name: m2, address: 192.0.2.12, roles: [master]}
    - {name: m3, address: 192.0.2.13, roles: [master]}
    - {name: w1, address: 192.0.2.21, roles: [worker]}
`;

/** `line:column path: message`, without the end: the golden file has whole texts. */
function problems(text: string, more: { allowEven?: boolean } = {}): readonly string[] {
  const result = parseClusterFile(text, { ...options, ...more });
  return result.kind === 'ok' ? [] : result.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}

function replaced(from: string, to: string): string {
  expect(good).toContain(from);
  return good.replace(from, to);
}

describe('parseClusterFile: a good file', () => {
  test('is complete with its defaults', () => {
    const ssh = { user: 'root', port: 22, keyFile: '/abs/key', password: undefined, knownHosts: '/abs/known_hosts' };
    const host = (name: string, address: string, role: string) => {
      return { name, address, internalAddress: address, roles: [role], ssh, labels: {}, taints: [], interface: undefined };
    };
    expect(parseClusterFile(good, options)).toEqual({
      kind: 'ok',
      warnings: [],
      spec: {
        name: 'demo',
        hosts: [
          host('m1', '192.0.2.11', 'master'),
          host('m2', '192.0.2.12', 'master'),
          host('m3', '192.0.2.13', 'master'),
          host('w1', '192.0.2.21', 'worker'),
        ],
        kubernetes: {
          version: 'v1.34.4',
          ignorePreflightErrors: ['SystemVerification'],
          kubeadm: { cluster: {}, init: {}, join: {}, kubelet: {}, kubeProxy: {} },
        },
        endpoint: { domain: 'apiserver.cluster.local', address: '192.0.2.100', port: 6443, extraSans: [] },
        schemeOptions: {
          kind: 'vip-on-masters',
          proxy: 'none',
          preempt: false,
          virtualRouterId: undefined,
          advertSeconds: 0.2,
          interface: undefined,
          multicast: false,
        },
        etcdOptions: { kind: 'stacked' },
        profile: 'standard',
        certificates: 'upload',
        dns: { on: 'masters', as: 'deployment' },
        network: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12', dnsDomain: 'cluster.local', podNetwork: { kind: 'builtin' } },
        bundle: '/abs/path',
        lab: 'demo',
        drillBudgets: {},
      },
    });
  });

  test('paths are made absolute, and a host overrides single SSH settings', () => {
    const text = replaced('bundle: /abs/path', 'bundle: ../b.tar')
      .replace('keyFile: /abs/key', 'keyFile: ~/.ssh/key, password: {file: secrets/p}')
      .replace('192.0.2.21, roles', '192.0.2.21, ssh: {user: admin, port: 2222, password: {prompt: true}}, roles');
    const result = parseClusterFile(text, options);
    expect(result).toMatchObject({ kind: 'ok', spec: { bundle: '/b.tar' } });
    const shared = { keyFile: '/home/operator/.ssh/key', knownHosts: '/abs/known_hosts' };
    expect(result.kind === 'ok' && [result.spec.hosts[0]?.ssh, result.spec.hosts[3]?.ssh]).toEqual([
      { ...shared, user: 'root', port: 22, password: { kind: 'file', path: '/clusters/secrets/p' } },
      { ...shared, user: 'admin', port: 2222, password: { kind: 'prompt' } },
    ]);
  });

  test('a single master needs no endpoint address: it is its own', () => {
    const single = good.replace(/ {4}- \{name: m[23].*\n/g, '').replace('address: 192.0.2.100, ', '');
    expect(parseClusterFile(single, options)).toMatchObject({ kind: 'ok', spec: { endpoint: { address: '192.0.2.11' } } });
  });

  test('anchors and aliases within reason are understood', () => {
    const text = replaced('roles: [master]}\n    - {name: m2', 'roles: &r [master]}\n    - {name: m2').replace(
      '192.0.2.12, roles: [master]',
      '192.0.2.12, roles: *r',
    );
    expect(problems(text)).toEqual([]);
  });
});

/** One change to the good file, and every problem it must give. */
const cases: readonly (readonly [name: string, from: string, to: string, ...expected: string[]])[] = [
  ['unknown key', 'address: 192.0.2.12', 'adress: 192.0.2.12', '13:18 spec.hosts[1].adress: unknown key'],
  ['unknown key at the top', 'kind: Cluster', 'kind: Cluster\nkin: 1', '3:1 kin: unknown key'],
  [
    'key for another place',
    'roles: [worker]',
    'roles: [worker], user: x',
    '15:56 spec.hosts[3].user: unknown key: it goes under ssh, as ssh: {user: …}',
  ],
  ['missing key', 'name: w1, ', '', '15:7 spec.hosts[3].name: missing'],
  ['missing version', 'version: v1.34.4, ', '', '6:3 spec.kubernetes.version: missing'],
  ['wrong API version', 'v1alpha1', 'v2', '1:13 apiVersion: "trivet.dev/v2" is not valid'],
  ['version as a number', 'v1.34.4', '1.34', '6:25 spec.kubernetes.version: the number 1.34 is not valid'],
  ['wrong type for a list', 'roles: [worker]', 'roles: worker', '15:46 spec.hosts[3].roles: "worker" is not valid'],
  ['wrong type for a map', '{name: demo}', 'demo', '3:11 metadata: "demo" is not valid'],
  ['empty value', 'bundle: /abs/path', 'bundle:', '7:3 spec.bundle: nothing is not valid'],
  ['port out of range', 'port: 6443', 'port: 65536', '9:87 spec.controlPlaneEndpoint.port: the number 65536 is not valid'],
  ['host name that is no label', 'name: w1', 'name: W_1', '15:14 spec.hosts[3].name: "W_1" is not valid'],
  ['address that is none', '192.0.2.21', '192.0.2.321', '15:27 spec.hosts[3].address: "192.0.2.321" is not valid'],
  [
    'loopback address',
    '192.0.2.21',
    '127.0.0.1',
    '15:27 spec.hosts[3].address: 127.0.0.1 cannot be the address of a machine that others reach',
  ],
  ['IPv6', '192.0.2.21', "'2001:db8::1'", '15:27 spec.hosts[3].address: IPv6 is not supported yet'],
  ['duplicate key', 'name: w1', 'name: w1, name: w1', '15:18 : duplicate key'],
  ['duplicate name', 'name: m2', 'name: m1', '13:14 spec.hosts[1].name: name m1 is already that of spec.hosts[0]'],
  ['duplicate address', '192.0.2.21', '192.0.2.13', '15:27 spec.hosts[3].address: address 192.0.2.13 is already that of m3'],
  [
    'duplicate internal address',
    'address: 192.0.2.21',
    'address: 198.51.100.21, internalAddress: 192.0.2.13',
    '15:59 spec.hosts[3].internalAddress: internal address 192.0.2.13 is already that of m3',
  ],
  ['no role', 'roles: [worker]', 'roles: []', '15:46 spec.hosts[3].roles: an empty list is not valid'],
  ['unknown scheme', 'scheme: vip-on-masters', 'scheme: vip', '10:11 spec.scheme: "vip" is not valid'],
  [
    'scheme option',
    'scheme: vip-on-masters',
    'scheme: {kind: vip-on-masters, virtualRouterId: 256}',
    '10:51 spec.scheme.virtualRouterId: the number 256 is not valid',
  ],
  [
    'scheme option misspelt',
    'scheme: vip-on-masters',
    'scheme: {kind: vip-on-masters, premt: true}',
    '10:34 spec.scheme.premt: unknown key',
  ],
  [
    'adverts too fine',
    'scheme: vip-on-masters',
    'scheme: {kind: vip-on-masters, advertSeconds: 0.123}',
    '10:49 spec.scheme.advertSeconds: the number 0.123 is not valid',
  ],
  [
    'VIP of a master',
    '192.0.2.100',
    '192.0.2.12',
    '9:68 spec.controlPlaneEndpoint.address: 192.0.2.12 is the address of m2: when that machine is lost, so is the way to all 3 masters',
  ],
  [
    'VIP of a worker',
    '192.0.2.100',
    '192.0.2.21',
    '9:68 spec.controlPlaneEndpoint.address: 192.0.2.21 is the address of w1, which is no master',
  ],
  [
    'VIP on another network',
    '192.0.2.100',
    '203.0.113.9',
    '9:68 spec.controlPlaneEndpoint.address: 203.0.113.9 is on another network than m1 (192.0.2.11), m2 (192.0.2.12), m3 (192.0.2.13)',
  ],
  ['VIP that is multicast', '192.0.2.100', '224.0.0.18', '9:68 spec.controlPlaneEndpoint.address: 224.0.0.18 cannot be a virtual address'],
  ['no VIP', 'address: 192.0.2.100, ', '', '9:3 spec.controlPlaneEndpoint.address: missing'],
  [
    'VIP in the service subnet',
    'scheme: vip-on-masters',
    'network: {serviceSubnet: 192.0.2.96/28}',
    '9:68 spec.controlPlaneEndpoint.address: 192.0.2.100 lies in serviceSubnet 192.0.2.96/28',
  ],
  [
    'hosts in the pod subnet',
    'scheme: vip-on-masters',
    'network: {podSubnet: 192.0.2.16/20}',
    '9:68 spec.controlPlaneEndpoint.address: 192.0.2.100 lies in podSubnet 192.0.2.16/20',
    '10:24 spec.network.podSubnet: 192.0.2.16/20 is an address within a subnet',
    '10:24 spec.network.podSubnet: 192.0.2.16/20 contains m1 (192.0.2.11), m2 (192.0.2.12), m3 (192.0.2.13), w1 (192.0.2.21)',
  ],
  [
    'overlapping subnets',
    'scheme: vip-on-masters',
    'network: {podSubnet: 10.100.0.0/16}',
    '10:3 spec.network.serviceSubnet: 10.96.0.0/12 overlaps podSubnet 10.100.0.0/16',
  ],
  [
    'pod subnet too small',
    'scheme: vip-on-masters',
    'network: {podSubnet: 10.1.0.0/23}',
    '10:24 spec.network.podSubnet: 10.1.0.0/23 has room for 2 nodes, each with a /24',
  ],
  [
    'service subnet too large',
    'scheme: vip-on-masters',
    'network: {serviceSubnet: 11.0.0.0/8}',
    '10:28 spec.network.serviceSubnet: 11.0.0.0/8 is larger than kubeadm accepts',
  ],
  [
    'subnet without prefix',
    'scheme: vip-on-masters',
    'network: {podSubnet: 10.1.0.0}',
    '10:24 spec.network.podSubnet: "10.1.0.0" is not valid',
  ],
  [
    'passthrough that is the own key of something',
    'version: v1.34.4,',
    'version: v1.34.4, kubeadm: {clusterConfiguration: {apiServer: {certSANs: [a]}}},',
    '6:79 spec.kubernetes.kubeadm.clusterConfiguration.apiServer.certSANs: trivet sets this from spec.controlPlaneEndpoint.extraSANs; leave it out here',
  ],
  [
    'passthrough that is no map',
    'version: v1.34.4,',
    'version: v1.34.4, kubeadm: {kubeletConfiguration: [1]},',
    '6:66 spec.kubernetes.kubeadm.kubeletConfiguration: a list is not valid',
  ],
  [
    'label that is a number',
    'roles: [worker]',
    'roles: [worker], labels: {a.b/c: 5}',
    '15:72 spec.hosts[3].labels["a.b/c"]: the number 5 is not valid',
  ],
  ['password of two kinds', 'user: root', 'user: root, password: {env: A, file: b}', '8:31 spec.ssh.password: a map is not valid'],
  [
    'bracket without end',
    'roles: [worker]}',
    'roles: [worker}',
    '15:53 : not valid YAML: no ] here; one is not closed, or its lines are not indented enough',
    '15:54 : not valid YAML: no } here; one is not closed, or its lines are not indented enough',
  ],
  ['tab for indentation', '  lab: demo', '\tlab: demo', '5:1 : a tab in the indentation; YAML takes only spaces'],
];

test.each(cases)('parseClusterFile: %s', (_, from, to, ...expected) => {
  expect(expected.length).toBeGreaterThan(0);
  expect(problems(replaced(from, to))).toEqual(expected);
});

describe('parseClusterFile: the number of masters', () => {
  const withMasters = (...roles: readonly string[]) =>
    good.replace(
      / {4}- (.|\n)*$/,
      roles.map((role, index) => `    - {name: h${index}, address: 192.0.2.${index + 1}, roles: [${role}]}\n`).join(''),
    );

  test('none is a problem', () => {
    expect(problems(withMasters('worker'))).toEqual(['11:3 spec.hosts: no host has the role master']);
  });

  test.each([
    [
      2,
      '2 masters: the quorum is 2, so 0 may fail, the same as with 1, and there is one more machine that can fail: losing either one stops every write to the cluster',
    ],
    [4, '4 masters: the quorum is 3, so 1 may fail, the same as with 3, and there is one more machine that can fail'],
  ])('%i are refused with the arithmetic, or accepted with it as a warning', (count, arithmetic) => {
    const text = withMasters(...Array.from({ length: count }, () => 'master'));
    expect(parseClusterFile(text, options)).toMatchObject({
      kind: 'problems',
      problems: [{ code: 'EVEN_MASTERS', line: 11 + count, message: arithmetic }],
    });
    expect(parseClusterFile(text, { ...options, allowEven: true })).toMatchObject({ kind: 'ok', warnings: [arithmetic] });
  });

  test('nine are accepted with a warning', () => {
    const result = parseClusterFile(withMasters(...Array.from({ length: 9 }, () => 'master')), options);
    expect(result).toMatchObject({ kind: 'ok', warnings: [expect.stringContaining('9 masters')] });
  });
});

test('formatProblem: everything wrong with golden/bad-cluster.yaml, as a terminal shows it', async () => {
  const text = readFileSync(join(import.meta.dirname, 'golden/bad-cluster.yaml'), 'utf8');
  const result = parseClusterFile(text, options);
  expect(JSON.stringify(result)).not.toContain('hunter2');
  const formatted = result.kind === 'problems' ? result.problems.map(formatProblem).join('\n') : '';
  await expect(`${formatted}\n`).toMatchFileSnapshot('golden/bad-cluster.problems.txt');
});
