/** For tests: three masters and a worker with nothing wrong, to be spoilt by each test in one respect. */

import type { Cluster } from '../../model/cluster.ts';
import type { Host, Role } from '../../model/host.ts';
import type { Survey, Surveyed } from './survey.ts';

const schemeOptions: Cluster['schemeOptions'] = {
  kind: 'vip-on-masters',
  proxy: 'none',
  preempt: false,
  virtualRouterId: undefined,
  advertSeconds: 0.2,
  interface: undefined,
  multicast: false,
};

export const testCluster: Cluster = {
  name: 'test',
  hosts: [host('m1', 11, 'master'), host('m2', 12, 'master'), host('m3', 13, 'master'), host('w1', 21, 'worker')],
  kubernetes: {
    version: 'v1.34.4',
    ignorePreflightErrors: [],
    kubeadm: { cluster: {}, init: {}, join: {}, kubelet: {}, kubeProxy: {} },
  },
  endpoint: { domain: 'apiserver.cluster.local', address: '192.0.2.100', port: 6443, extraSans: [] },
  schemeOptions,
  etcdOptions: { kind: 'stacked' },
  profile: 'standard',
  certificates: 'upload',
  dns: { on: 'masters', as: 'deployment' },
  network: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12', dnsDomain: 'cluster.local', podNetwork: { kind: 'builtin' } },
  bundle: undefined,
  lab: undefined,
  drillBudgets: {},
  scheme: {
    name: 'vip-on-masters',
    variant: 'vip-on-masters/none',
    summary: '',
    survives: [],
    costs: [],
    packages: (_, each) => (each.roles.includes('master') ? ['keepalived'] : []),
    certificateNames: () => [],
    ports: () => [],
    apiserverBindAddress: () => undefined,
    nodeLocal: false,
    whereToLook: '',
    // As the scheme itself: an endpoint that is a machine's own address does not move.
    vipHosts: (cluster) =>
      cluster.hosts.some((each) => each.internalAddress === cluster.endpoint.address)
        ? []
        : cluster.hosts.filter((each) => each.roles.includes('master')),
    hosts: () => [],
    plan: async () => [],
  },
  etcd: {
    name: 'stacked',
    summary: '',
    kubeadmEtcd: () => ({}),
    members: () => 3,
    access: () => ({ endpoints: [], caFile: '', certFile: '', keyFile: '' }),
    hosts: () => [],
    plan: async () => [],
  },
  openBundle: undefined,
  careExecutable: undefined,
  podNetworkManifest: undefined,
};

/** `spoil` gives what is different about a machine, by its name. */
export function healthySurvey(spoil: Readonly<Record<string, Partial<Surveyed>>> = {}, cluster: Cluster = testCluster): Survey {
  return {
    cluster,
    machines: cluster.hosts.map((each) => ({ ...healthy(each), ...spoil[each.name] })),
    vrrp: { from: 'm1', adverts: [] },
    vipAnswer: { from: 'w1', answer: undefined },
  };
}

export function healthy(host: Host): Surveyed {
  return {
    host,
    identity: {
      hostname: host.name,
      machineId: `id-of-${host.name}`,
      productUuid: `uuid-of-${host.name}`,
      insideContainer: false,
      os: { id: 'debian', version: '13', codename: 'trixie', pretty: 'Debian GNU/Linux 13 (trixie)' },
      architecture: 'amd64',
      kernelMachine: 'x86_64',
      init: 'systemd',
      programs: new Set(['containerd', 'runc', 'kubelet', 'kubeadm', 'keepalived']),
    },
    clock: { offsetMs: 3, uncertaintyMs: 8 },
    capacity: {
      processors: 2,
      memoryBytes: 4e9,
      swaps: [],
      disks: [{ mount: '/', totalBytes: 100e9, freeBytes: 50e9, paths: ['/', '/var/lib'] }],
    },
    kernel: {
      release: '6.12.0',
      features: { overlay: 'present', br_netfilter: 'loadable', nf_tables: 'loadable', ip_vs: 'absent' },
      cgroupVersion: 2,
      memoryCgroup: true,
      sysctls: [{ name: 'net.ipv4.ip_forward', value: '0', writable: true }],
    },
    network: {
      interfaces: ['eth0'],
      addresses: [host.internalAddress],
      subnets: [{ interface: 'eth0', network: '192.0.2.0', prefixLength: 24 }],
      macs: new Map([['eth0', `02:00:00:00:00:${host.internalAddress.split('.').at(-1)}`]]),
    },
    listeners: [],
    traces: { hasReceipt: false, clusterName: undefined, kubernetes: [], cni: [], caSha256: undefined, kubeletServer: undefined },
    built: { scheme: undefined, server: undefined, bindAddress: undefined, certificate: undefined, serves: false },
    endpoint: undefined,
    keepalived: { ours: false, configured: false, instances: [], active: false },
    hostsFile: [{ address: '127.0.0.1', names: ['localhost'], ours: false }],
    reach: [],
  };
}

function host(name: string, last: number, role: Role): Host {
  const address = `192.0.2.${last}`;
  const ssh = { user: 'root', port: 22, keyFile: undefined, password: undefined, knownHosts: undefined };
  return { name, address, internalAddress: address, roles: [role], ssh, labels: {}, taints: [], interface: undefined };
}
