import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseClusterFile } from './parse-cluster-file.ts';
import { formatProblem } from './problem.ts';
import { renderClusterFile } from './render-cluster-file.ts';
import type { SpecFlags } from './spec-flags.ts';
import { specFromFlags } from './spec-from-flags.ts';

const context = { directory: '/work', home: '/home/operator' };
const three: SpecFlags = { masters: ['192.0.2.11-13'], nodes: ['192.0.2.21'], vip: '192.0.2.100', version: 'v1.34.4' };

async function headlines(flags: SpecFlags, directory = '/work'): Promise<readonly string[]> {
  const result = await specFromFlags(flags, { ...context, directory });
  return result.kind === 'ok' ? [] : result.problems.map((problem) => formatProblem(problem).split('\n')[0] ?? '');
}

function fileOf(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'trivet-flags-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'kubeadm.yaml'), text);
  return directory;
}

test('specFromFlags: every flag has its place, and the file that trivet init prints for them means the same', async () => {
  const flags = {
    ...three,
    nodes: ['192.0.2.21', '192.0.2.22:2222'],
    user: 'admin',
    port: '2022',
    pk: '~/key',
    passwdFile: 'p',
    pkg: 'b.tar',
    interface: 'eth1',
  };
  const result = await specFromFlags(flags, context);
  expect(result).toMatchObject({
    kind: 'ok',
    warnings: [],
    spec: {
      name: 'kubernetes',
      bundle: '/work/b.tar',
      endpoint: { domain: 'apiserver.cluster.local', address: '192.0.2.100', port: 6443 },
      schemeOptions: { kind: 'vip-on-masters', interface: 'eth1' },
    },
  });
  if (result.kind !== 'ok') return;
  expect(result.spec.hosts.map(({ name, address, roles, ssh }) => [name, address, roles[0], ssh.port])).toEqual([
    ['master-1', '192.0.2.11', 'master', 2022],
    ['master-2', '192.0.2.12', 'master', 2022],
    ['master-3', '192.0.2.13', 'master', 2022],
    ['node-1', '192.0.2.21', 'worker', 2022],
    ['node-2', '192.0.2.22', 'worker', 2222],
  ]);
  const password = { kind: 'file', path: '/work/p' };
  expect(result.spec.hosts[0]?.ssh).toEqual({ user: 'admin', port: 2022, keyFile: '/home/operator/key', knownHosts: undefined, password });
  expect(parseClusterFile(renderClusterFile(result.spec), { ...context, path: 'cluster.yaml' })).toEqual(result);
});

test.each([1, 3])('specFromFlags: %i masters without --vip have an address on every node', async (count) => {
  const result = await specFromFlags({ ...three, masters: three.masters.slice(0, count), vip: undefined }, context);
  const spec = { schemeOptions: { kind: 'local-care', backend: 'nft' }, endpoint: { address: '10.103.97.2', port: 6443 } };
  expect(result).toMatchObject({ kind: 'ok', spec });
});

test("specFromFlags: sealos's own --vip means what it means there, an address on every node", async () => {
  const result = await specFromFlags({ ...three, vip: '10.103.97.2' }, context);
  const network = { serviceSubnet: '10.96.0.0/16' };
  expect(result).toMatchObject({
    kind: 'ok',
    spec: { schemeOptions: { kind: 'local-care' }, endpoint: { address: '10.103.97.2' }, network },
  });
});

test('specFromFlags: one master may be its own endpoint', async () => {
  const result = await specFromFlags({ masters: ['192.0.2.11'], nodes: [], scheme: 'vip-on-masters', version: 'v1.34.4' }, context);
  expect(result).toMatchObject({ kind: 'ok', spec: { endpoint: { address: '192.0.2.11' } } });
});

test.each([
  ['vip-on-masters/haproxy', [], { kind: 'vip-on-masters', proxy: 'haproxy' }, '192.0.2.100', 8443],
  ['external-pair', ['192.0.2.41-42'], { kind: 'external-pair', proxy: 'haproxy' }, '192.0.2.100', 6443],
  ['external-pair/lvs', ['192.0.2.41', '192.0.2.42'], { kind: 'external-pair', proxy: 'lvs' }, '192.0.2.100', 6443],
  ['external', [], { kind: 'external' }, '192.0.2.100', 6443],
  ['local-proxy/nginx', [], { kind: 'local-proxy', proxy: 'nginx' }, '127.0.0.1', 6443],
  ['local-care', [], { kind: 'local-care', backend: 'nft' }, '198.18.0.1', 6443],
  ['local-care/proxy', [], { kind: 'local-care', backend: 'proxy' }, '198.18.0.1', 6443],
])('specFromFlags: --scheme %s', async (scheme, lbs, schemeOptions, address, port) => {
  const result = await specFromFlags({ ...three, scheme, lbs, vip: address === '127.0.0.1' ? undefined : address }, context);
  expect(result).toMatchObject({ kind: 'ok', spec: { schemeOptions, endpoint: { address, port } } });
  const names = lbs.length === 0 ? [] : ['lb-1', 'lb-2'];
  expect(result.kind === 'ok' && result.spec.hosts.filter(({ roles }) => roles.includes('lb')).map(({ name }) => name)).toEqual(names);
});

const cases: readonly (readonly [name: string, flags: Partial<SpecFlags>, expected: string])[] = [
  ['no version', { version: undefined }, '--version: missing; expected a version with its v, such as v1.34.4'],
  ['version without v', { version: '1.34.4' }, '--version: "1.34.4" is not valid; did you mean v1.34.4?'],
  [
    'no VIP',
    { vip: undefined, scheme: 'vip-on-masters' },
    "--vip: missing; expected a free address on the masters' network, which moves among the 3 masters",
  ],
  [
    'VIP of a node',
    { vip: '192.0.2.21' },
    "--vip: 192.0.2.21 is the address of node-1, which is no master; expected a free address on the masters' network, which moves to a living master",
  ],
  ['no master', { masters: [] }, '--master: no host has the role master; expected an odd number of masters: 3 survive the loss of one'],
  [
    'address that is none',
    { nodes: ['192.0.2.300'] },
    '--node 192.0.2.300: "192.0.2.300" is not valid; expected an IPv4 address such as 192.0.2.11',
  ],
  [
    'repeated address',
    { nodes: ['192.0.2.12'] },
    '--node 192.0.2.12: address 192.0.2.12 is already that of master-2; expected each host to have its own address',
  ],
  [
    'range backwards',
    { masters: ['192.0.2.13-11'] },
    '--master 192.0.2.13-11: the range ends before it begins; expected an address, a comma list, or a range such as 192.0.2.11-192.0.2.13 or 192.0.2.11-13',
  ],
  ['port that is none', { port: 'ssh' }, '--port: "ssh" is not valid; expected a port, 1–65535'],
  [
    'two passwords',
    { passwdFile: 'a', passwdPrompt: true },
    '--passwd-file --ask-passwd: several sources of one password; expected one of them',
  ],
  ['unknown scheme', { scheme: 'local-proxi/nginx' }, '--scheme local-proxi/nginx: "local-proxi" is not valid; did you mean local-proxy?'],
  ['unknown backend', { scheme: 'local-care/lvs' }, '--scheme local-care/lvs: "lvs" is not valid; did you mean ipvs?'],
  ['unknown proxy', { scheme: 'vip-on-masters/lvs' }, '--scheme vip-on-masters/lvs: "lvs" is not valid; expected none, haproxy or nginx'],
  [
    'interface of a scheme without VIP',
    { scheme: 'external', interface: 'eth1' },
    '--interface eth1: external has no interface; it is an option of vip-on-masters and external-pair',
  ],
  [
    'a pair of one',
    { scheme: 'external-pair', lbs: ['192.0.2.41'] },
    '--lb 192.0.2.41: one host of role lb: when it is lost, so is the way to all masters; expected external-pair to have two hosts of role lb, or more, between which the virtual address moves',
  ],
  ['another runtime', { runtime: 'cri-o' }, '--runtime: "cri-o" is not supported; expected containerd'],
  [
    'a kubeadm file that is not there',
    { kubeadmConfig: 'none.yaml' },
    '--kubeadm-config: none.yaml cannot be read (ENOENT); expected a file of kubeadm documents',
  ],
];

test.each(cases)('specFromFlags: %s', async (_, flags, expected) => {
  expect(await headlines({ ...three, ...flags })).toEqual([expected]);
});

test('specFromFlags: Docker is refused with the reason', async () => {
  expect((await headlines({ ...three, runtime: 'docker' }))[0]).toMatch(/^--runtime: Docker cannot be .* removed dockershim in 1\.24/);
});

test('specFromFlags: two masters are refused as EVEN_MASTERS, or accepted with the arithmetic', async () => {
  const flags = { ...three, masters: ['192.0.2.11,192.0.2.12'] };
  expect(await specFromFlags(flags, context)).toMatchObject({ kind: 'problems', problems: [{ code: 'EVEN_MASTERS', path: '--master' }] });
  const result = await specFromFlags(flags, { ...context, allowEven: true });
  expect(result).toMatchObject({ kind: 'ok', warnings: [expect.stringContaining('the quorum is 2, so 0 may fail')] });
});

test('specFromFlags: --kubeadm-config gives the passthrough, and what the cluster file has keys for', async () => {
  const directory = fileOf(`apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.34.4
controlPlaneEndpoint: api.example.org:6443
networking: {podSubnet: 10.200.0.0/16, dnsDomain: example.local}
imageRepository: registry.example.org
apiServer: {certSANs: [a.example.org], extraArgs: [{name: v, value: "2"}]}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 50
`);
  const result = await specFromFlags({ ...three, version: undefined, kubeadmConfig: 'kubeadm.yaml' }, { ...context, directory });
  expect(result).toMatchObject({
    kind: 'ok',
    spec: {
      kubernetes: {
        version: 'v1.34.4',
        kubeadm: {
          cluster: { imageRepository: 'registry.example.org', apiServer: { extraArgs: [{ name: 'v', value: '2' }] } },
          kubelet: { maxPods: 50 },
        },
      },
      endpoint: { domain: 'api.example.org', address: '192.0.2.100', port: 6443, extraSans: ['a.example.org'] },
      network: { podSubnet: '10.200.0.0/16', serviceSubnet: '10.96.0.0/12', dnsDomain: 'example.local' },
    },
  });
  expect(result.kind === 'ok' && Object.keys(result.spec.kubernetes.kubeadm.cluster)).toEqual(['imageRepository', 'apiServer']);
});

test('specFromFlags: problems of the kubeadm file have its lines', async () => {
  const directory = fileOf(`apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
networking:
  podSubnet: 10.200.0.1/16
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: 192.0.2.11}
nodeRegistration: {criSocket: "unix:///var/run/cri-dockerd.sock"}
---
kind: Pod
`);
  expect(await headlines({ ...three, kubeadmConfig: 'kubeadm.yaml' }, directory)).toEqual([
    'kubeadm.yaml:1:13 apiVersion: kubeadm.k8s.io/v1beta3 is another version; expected kubeadm.k8s.io/v1beta4; kubeadm config migrate --old-config FILE writes it',
    'kubeadm.yaml:11:7 kind: not a kind that is used; expected one of ClusterConfiguration, InitConfiguration, JoinConfiguration, KubeletConfiguration, KubeProxyConfiguration',
    'kubeadm.yaml:4:14 networking.podSubnet: 10.200.0.1/16 is an address within a subnet; did you mean 10.200.0.0/16?',
    "kubeadm.yaml:8:20 localAPIEndpoint.advertiseAddress: trivet sets this from each host's internalAddress; leave it out here",
    expect.stringMatching(/^kubeadm.yaml:9:31 nodeRegistration.criSocket: Docker cannot be/),
  ]);
});
