/** What a Debian machine answers to the commands of `trivet up`: dpkg, ctr, kubeadm, kubectl, etcdctl, curl and small looks around. */

import { installedPackages } from '../../src/facts/installed-packages.ts';
import { surroundings } from '../../src/facts/surroundings.ts';
import type { RunResult } from '../../src/model/connection.ts';
import type { Host } from '../../src/model/host.ts';
import { addonAnswers } from './addon-answers.ts';
import { balancerAnswers } from './balancer-answers.ts';
import { etcdAnswers } from './etcd-answers.ts';
import { fakeImages, fakeRelease } from './fake-bundle.ts';
import { endpointAnswers, type FakeCluster } from './fake-cluster.ts';
import { type Answer, type FakeMachine, fakeMachine } from './fake-machine.ts';
import { kubeadmAnswers } from './kubeadm-answers.ts';
import { kubectlAnswers } from './kubectl-answers.ts';
import { digest, pathsUnder } from './machine-state.ts';
import { shellCondition } from './shell-condition.ts';

export interface KubernetesMachineInput {
  readonly cluster: FakeCluster;
  readonly host: Host;
  /** Installed before trivet comes; default: what a minimal Debian has. */
  readonly packages?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Answers asked before the usual ones. */
  readonly answers?: readonly Answer[];
}

/** A bare machine with systemd, known to the cluster under its host's name. */
export function kubernetesMachine({
  cluster,
  host,
  packages = ['dpkg', 'perl-base'],
  files,
  answers = [],
}: KubernetesMachineInput): FakeMachine {
  const machine = fakeMachine({
    host,
    packages,
    files: { '/etc/hosts': `127.0.0.1 localhost\n127.0.1.1 ${host.name}\n`, ...files },
    answers: [
      ...answers,
      etcdAnswers(cluster),
      balancerAnswers,
      looks,
      debian,
      containerd,
      kernel,
      conditions(cluster),
      addonAnswers(cluster),
      kubeadmAnswers(cluster),
      kubectlAnswers(cluster),
    ],
  });
  unitsOfFiles(machine);
  cluster.machines.set(host.name, machine);
  return machine;
}

const servicePackages = ['containerd', 'keepalived'];

/** A unit is there as long as its file, or the package that brings and enables it, is. */
function unitsOfFiles(machine: FakeMachine): void {
  const { units, files, packages } = machine;
  const known = units.get.bind(units);
  units.get = (name) => {
    const fromPackage = servicePackages.some((service) => name === `${service}.service` && packages.has(service));
    const there = fromPackage || files.has(`/etc/systemd/system/${name}`);
    if (there && known(name) === undefined) units.set(name, { enabled: fromPackage, active: false, starts: 0 });
    return there ? known(name) : undefined;
  };
  for (const service of servicePackages) units.get(`${service}.service`);
}

const is = (argv: readonly string[], expected: readonly string[]) =>
  argv.length === expected.length && argv.every((word, index) => word === expected[index]);

const looks: Answer = (argv, machine) => {
  const [program, ...args] = argv;
  if (is(argv, surroundings.argv)) return { stdout: 'cgroup2fs\nnone\nN\n' };
  if (program === 'sh' && args[2] === 'certificates') return certificates(machine, args.slice(3));
  if (program === 'sh' && args[2] === 'digests') return { stdout: digests(machine, args.slice(3)) };
  if (program === 'cat' && args.length === 1) return cat(machine, args[0] ?? '');
  if (program === 'ls' && args[0] === '-d') {
    const there = args.slice(1).filter((path) => pathsUnder(machine, path).length > 0);
    return { code: there.length === args.length - 1 ? 0 : 2, stdout: there.map((path) => `${path}\n`).join('') };
  }
  // Who listens for VRRP hears nobody.
  if (program === 'sh' && args.includes('1.5') && args.some((arg) => arg.includes('224.0.0.18'))) return { stdout: 'listened\n' };
  if (program === 'sh' && args[1]?.includes('/proc/net/fib_trie')) return { stdout: networkSections };
  return undefined;
};

function cat(machine: FakeMachine, path: string): Partial<RunResult> {
  const file = machine.files.get(path);
  return file === undefined ? { code: 1, stderr: `cat: ${path}: No such file or directory\n` } : { stdout: file.content };
}

function certificates(machine: FakeMachine, paths: readonly string[]): Partial<RunResult> {
  const missing = paths.find((path) => !machine.files.has(path));
  if (missing !== undefined) return { code: 1, stderr: `${missing} is not there\n` };
  return { stdout: paths.map((path) => `${Buffer.from(machine.files.get(path)?.content ?? '').toString('base64')}\n`).join('') };
}

function digests(machine: FakeMachine, paths: readonly string[]): string {
  return paths.map((path) => (machine.files.has(path) ? `${digest(machine.files.get(path)?.content ?? '')}  ${path}\n` : '')).join('');
}

/** eth0 in 192.0.2.0/24, as /proc/net/route writes it. */
const networkSections = `
==section trie

==section routes
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0

==section macs
`;

const debian: Answer = (argv, machine) => {
  if (is(argv, installedPackages.argv)) {
    return { stdout: `release ${fakeRelease}\n${[...machine.packages].map((name) => `${name} 1.0 installed\n`).join('')}` };
  }
  const [shell, flags, script = '', name, ...args] = argv;
  if (shell !== 'sh') return undefined;
  if (flags === '-c' && script.includes('dpkg-query -W -f') && name === 'check') {
    const first = script.slice(0, script.indexOf('dpkg-query')).replace(/ && $/, '');
    if (first !== '' && testFile(machine, first) !== true) return { code: 1 };
    const count = script.match(/grep -qx (\d+)$/)?.[1];
    return { code: String(args.filter((arg) => machine.packages.has(arg)).length) === count ? 0 : 1 };
  }
  if (flags === '-ec' && script.includes('dpkg --force-confdef --force-confold') && name === 'install') {
    if (!machine.files.has('/var/lib/trivet/packages.tar')) return { code: 2, stderr: 'tar: no archive\n' };
    for (const arg of args) install(machine, arg.replace(/_.*/, ''));
    return {};
  }
  return undefined;
};

/** Packages that bring a configuration of their own bring it here too: trivet's must win, and go again on reset. */
function install(machine: FakeMachine, name: string): void {
  machine.packages.add(name);
  if (name === 'containerd') machine.put('/etc/containerd/config.toml', { content: '# Debian’s\n' });
  if (name === 'containernetworking-plugins') machine.put('/usr/lib/cni/bridge', { mode: 0o755 });
}

const containerd: Answer = (argv, machine) => {
  const [shell, flags, script = '', , ...references] = argv;
  const images = '/var/lib/containerd/images';
  const have = machine.files.get(images)?.content.split('\n').filter(Boolean) ?? [];
  const runs = machine.units.get('containerd.service')?.active === true;
  if (is(argv, ['readlink', '-m', '/opt/cni/bin'])) return { stdout: '/opt/cni/bin\n' };
  if (is(argv, ['ctr', '-n', 'k8s.io', 'images', 'ls', '-q'])) return runs ? { stdout: `${have.join('\n')}\n` } : { code: 1 };
  if (shell === 'sh' && flags === '-c' && script.startsWith('have=$(ctr -n k8s.io images ls -q)')) {
    return { code: runs && references.every((reference) => have.includes(reference)) ? 0 : 1 };
  }
  if (shell === 'ctr' && is(argv.slice(0, 5), ['ctr', '-n', 'k8s.io', 'images', 'import'])) {
    if (!runs || !machine.files.has(argv[5] ?? '')) return { code: 1, stderr: 'ctr: nothing to import, or nowhere\n' };
    machine.put(images, { content: imagesOf(machine) });
    return {};
  }
  return undefined;
};

/** What the bundle's archive holds is told by its name alone. */
function imagesOf(machine: FakeMachine): string {
  return machine.files.has('/var/lib/trivet/images/cluster.tar') ? `${fakeImages.join('\n')}\n` : '';
}

const kernel: Answer = (argv, machine) => {
  const [shell, flags, script = ''] = argv;
  if (shell !== 'sh') return undefined;
  if (flags === '-c' && script.includes('modprobe overlay')) {
    machine.put('/proc/sys/net/bridge/bridge-nf-call-iptables', { content: '0\n' });
    machine.put('/proc/filesystems', { content: 'nodev\toverlay\n' });
    return {};
  }
  if (flags !== '-ec' || !/^(echo 1 > \/proc\/sys\/\S+\n?)+$/.test(script)) return undefined;
  for (const [, path = ''] of script.matchAll(/> (\S+)/g)) machine.put(path, { content: '1\n' });
  return {};
};

/** `test …` alone, or a shell condition made of it and of what systemd, the kernel and etcd say. */
function conditions(cluster: FakeCluster): Answer {
  return (argv, machine) => {
    const [shell, flags, script = ''] = argv;
    if (shell === 'test') return exit(testFile(machine, argv.join(' ')));
    if (shell === 'curl' && argv.includes('/etc/kubernetes/pki/ca.crt')) return exit(reaches(cluster, machine, argv.at(-1) ?? ''));
    const mark = /^systemctl restart kubelet\.service; touch (\S+)$/.exec(script)?.[1];
    if (shell === 'sh' && flags === '-ec' && mark !== undefined) {
      machine.put(mark, {});
      return {};
    }
    if (shell !== 'sh' || flags !== '-c' || argv.length !== 3) return undefined;
    return exit(shellCondition(script, (atom) => testFile(machine, atom) ?? askProgram(cluster, machine, atom)));
  };
}

function exit(holds: boolean | undefined): Partial<RunResult> | undefined {
  return holds === undefined ? undefined : { code: holds ? 0 : 1 };
}

function testFile(machine: FakeMachine, atom: string): boolean | undefined {
  const [, not, kind, path = ''] = /^test (! )?-([efsd]) (\S+)$/.exec(atom) ?? [];
  if (kind !== undefined) {
    const there = kind === 's' ? (machine.files.get(path)?.content ?? '') !== '' : pathsUnder(machine, path).length > 0;
    return there !== (not !== undefined);
  }
  const [, read = '', value] = /^test "\$\(cat (\S+)\)" = (\S+)$/.exec(atom) ?? [];
  return value === undefined ? undefined : machine.files.get(read)?.content.trim() === value;
}

function askProgram(cluster: FakeCluster, machine: FakeMachine, atom: string): boolean | undefined {
  const unit = /^systemctl -q is-active (\S+)$/.exec(atom)?.[1];
  if (unit !== undefined) return machine.units.get(`${unit}.service`)?.active === true;
  if (atom === 'grep -qw overlay /proc/filesystems') return machine.files.get('/proc/filesystems')?.content.includes('overlay') === true;
  const { name, internalAddress } = machine.host;
  if (atom.startsWith(`etcdctl --command-timeout=3s --endpoints=https://${internalAddress}:2379 `)) {
    const member = cluster.members.get(name);
    if (atom.endsWith(`grep -q '"leader"'`)) return member !== undefined;
    if (atom.endsWith(`member list | grep -F 'https://${internalAddress}:2380' | grep -q ', false$'`)) return member?.learner === false;
  }
  if (atom === `curl -sf -o /dev/null --max-time 3 --cacert /etc/kubernetes/pki/ca.crt https://${internalAddress}:6443/readyz`)
    return cluster.members.get(name)?.learner === false && machine.files.has('/etc/kubernetes/manifests/kube-apiserver.yaml');
  if (
    atom ===
    `kubectl --kubeconfig /etc/kubernetes/admin.conf get node ${name} -o 'jsonpath={.metadata.labels}' | grep -q 'node-role.kubernetes.io/control-plane'`
  )
    return cluster.nodes.get(name)?.labels['node-role.kubernetes.io/control-plane'] !== undefined;
  return undefined;
}

/** The name must be in the machine's own /etc/hosts. */
function reaches(cluster: FakeCluster, machine: FakeMachine, url: string): boolean {
  const domain = new URL(url).hostname;
  const line = (machine.files.get('/etc/hosts')?.content ?? '').split('\n').find((text) => text.split(' ')[1] === domain);
  return line !== undefined && endpointAnswers(cluster, line.split(' ')[0] ?? '', machine);
}
