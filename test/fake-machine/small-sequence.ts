/** A small sequence with every kind of action, the cluster it is for, and a machine that understands it. */

import { stackedEtcd } from '../../src/etcd/stacked/stacked-etcd.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import type { Host } from '../../src/model/host.ts';
import type { Phase, Sequence } from '../../src/model/phase.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Action } from '../../src/model/step.ts';
import { external } from '../../src/schemes/external/external.ts';
import { type Answer, type FakeMachine, fakeHost, fakeMachine } from './fake-machine.ts';

/** The least that is a Cluster; tests that look deeper bring their own. */
export function smallCluster(hosts: readonly Host[] = [fakeHost('m1')]): Cluster {
  return {
    name: 'test',
    hosts,
    kubernetes: {
      version: 'v1.34.4',
      ignorePreflightErrors: [],
      kubeadm: { cluster: {}, init: {}, join: {}, kubelet: {}, kubeProxy: {} },
    },
    endpoint: { domain: 'apiserver.cluster.local', address: '192.0.2.10', port: 6443, extraSans: [] },
    schemeOptions: { kind: 'external' },
    etcdOptions: { kind: 'stacked' },
    profile: 'standard',
    certificates: 'upload',
    dns: { on: 'masters', as: 'deployment' },
    network: {
      podSubnet: '198.51.100.0/25',
      serviceSubnet: '198.51.100.128/25',
      dnsDomain: 'cluster.local',
      podNetwork: { kind: 'builtin' },
    },
    bundle: undefined,
    lab: undefined,
    drillBudgets: {},
    scheme: external({ kind: 'external' }),
    etcd: stackedEtcd,
    openBundle: undefined,
    careExecutable: undefined,
    podNetworkManifest: undefined,
  };
}

/** A phase on every host whose steps are given by short names. */
export function phase(name: string, actions: Readonly<Record<string, Action>>, more: Partial<Phase> = {}): Phase {
  return {
    name,
    summary: name,
    usualSeconds: 1,
    order: 'parallel',
    hosts: (cluster) => cluster.hosts,
    plan: async ({ host }) =>
      Object.entries(actions).map(([short, action]) => ({ id: `${name}/${short}`, host: host.name, title: short, action })),
    ...more,
  };
}

/** upload: a file on this machine, with its digest, for the upload step. */
export function smallSequence(upload: { readonly source: string; readonly sha256: string; readonly bytes: number }): Sequence {
  const runtime = phase('runtime', {
    unit: {
      kind: 'file',
      path: '/etc/systemd/system/thing.service',
      content: '[Service]\n',
      mode: 0o644,
      owner: 'root:root',
      restarts: 'thing.service',
    },
    config: { kind: 'file', path: '/etc/thing.conf', content: 'new\n', mode: 0o640, owner: 'root:root', restarts: 'thing.service' },
    key: { kind: 'file', path: '/etc/thing.key', content: new Secret('hush-hush'), mode: 0o600, owner: 'root:root' },
    hosts: { kind: 'block', path: '/etc/hosts', name: 'endpoint', content: '192.0.2.10 apiserver.cluster.local' },
    binary: { kind: 'upload', path: '/usr/local/bin/thing', mode: 0o755, restarts: 'thing.service', ...upload },
    alias: { kind: 'link', path: '/usr/local/bin/alias', target: 'thing' },
    old: { kind: 'remove', path: '/etc/old.d' },
    service: { kind: 'service', unit: 'thing.service', enabled: true, active: true },
  });
  const bootstrap = phase('bootstrap', {
    init: {
      kind: 'command',
      argv: ['thingadm', 'init', '--yes'],
      stdin: new Secret('hush-hush'),
      check: ['test', '-e', '/etc/thing.done'],
      timeoutSeconds: 60,
    },
    ready: { kind: 'wait', argv: ['thingadm', 'ready'], everySeconds: 1, deadlineSeconds: 5, hint: 'Look at thing.' },
  });
  return { name: 'small', summary: '', stages: [[runtime], [bootstrap]] };
}

const thing: Answer = (argv, machine, stdin) => {
  const line = argv.join(' ');
  if (line === 'test -e /etc/thing.done') return { code: machine.files.has('/etc/thing.done') ? 0 : 1 };
  if (line === 'thingadm ready') return { code: machine.files.has('/etc/thing.done') ? 0 : 1 };
  if (line !== 'thingadm init --yes') return undefined;
  if (stdin !== 'hush-hush' || machine.units.get('thing.service')?.active !== true) return { code: 1, stderr: 'thing does not run\n' };
  machine.put('/etc/thing.done', {});
  return {};
};

/** thing.service exists from the beginning (a package brought it), with a configuration of somebody else's. */
export function smallMachine(name = 'm1'): FakeMachine {
  return fakeMachine({
    host: { name },
    files: { '/etc/hosts': '127.0.0.1 localhost\n', '/etc/thing.conf': 'old\n', '/etc/old.d/a': '1', '/etc/old.d/b': '2' },
    units: { 'thing.service': {} },
    answers: [thing],
  });
}
