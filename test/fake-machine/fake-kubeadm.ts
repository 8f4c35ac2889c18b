/** kubeadm as far as trivet uses it: what it demands of a machine, the files it leaves, and where it can die half-way. */

import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { RunResult } from '../../src/model/connection.ts';
import { makeAddons } from './addon-answers.ts';
import { etcdServes } from './etcd-answers.ts';
import { caCertificate, endpointAnswers, type FakeCluster, markMaster, register, runs } from './fake-cluster.ts';
import type { FakeMachine } from './fake-machine.ts';

type Result = Partial<RunResult>;
const kubernetes = '/etc/kubernetes';
/** The same on all masters. */
const sharedFiles = ['ca.key', 'sa.pub', 'sa.key', 'front-proxy-ca.crt', 'front-proxy-ca.key', 'etcd/ca.crt', 'etcd/ca.key'].map(
  (name) => `pki/${name}`,
);
const masterFiles = ['pki/apiserver.crt', 'admin.conf', 'controller-manager.conf', 'scheduler.conf'];
const manifests = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

/** A step of kubeadm's work, by a name under which a test can let it die after it. */
type Stage = readonly [name: string, work: () => void];

function carryOut(cluster: FakeCluster, machine: FakeMachine, what: string, stages: readonly Stage[]): Result {
  cluster.kubeadmRuns.push(`${machine.host.name} ${what}`);
  for (const [name, work] of stages) {
    work();
    if (cluster.deaths.delete(`${machine.host.name} ${what} ${name}`)) return { code: 137, stderr: 'killed' };
  }
  return {};
}

/** kubeadm init --config; `again`: with --ignore-preflight-errors=all. */
export function kubeadmInit(cluster: FakeCluster, machine: FakeMachine, configPath: string, again: boolean): Result {
  const config = machine.files.get(configPath)?.content ?? '';
  const documents = parseAllDocuments(config);
  const kinds = documents.map((document) => document.get('kind'));
  const taints = registrationSchema.parse(documents[kinds.indexOf('InitConfiguration')]?.toJS() ?? {}).nodeRegistration?.taints;
  if (!kinds.includes('InitConfiguration') || !kinds.includes('ClusterConfiguration')) return refuse('no configuration');
  const external = /^ {2}external:$/m.test(config);
  if (external && !etcdServes(cluster, machine, config)) return refuse('the external etcd does not answer');
  cluster.externalEtcd = external;
  const complaint = complaintOf(machine, again ? [] : ['pki/ca.crt', 'manifests/kube-apiserver.yaml', 'kubelet.conf']);
  if (complaint !== undefined) return refuse(complaint);
  return carryOut(cluster, machine, 'init', [
    [
      'pki',
      () => {
        if (!machine.files.has(`${kubernetes}/pki/ca.crt`)) cluster.founders.push(machine.host.name);
        machine.put(`${kubernetes}/pki/ca.crt`, { content: caCertificate });
      },
    ],
    [
      'kubeconfigs',
      () => {
        writeSharedFiles(machine);
        writeMasterFiles(machine);
      },
    ],
    ['kubelet', () => startKubelet(machine, 'kubelet.conf')],
    ['etcd', () => startEtcd(cluster, machine, false)],
    [
      'mark',
      () => {
        markMaster(register(cluster, machine), taints?.map(taintText));
        makeAddons(cluster);
      },
    ],
  ]);
}

/** kubeadm join phase NAME --config, and kubeadm join --skip-phases (NAME finish). */
export function kubeadmJoin(cluster: FakeCluster, machine: FakeMachine, name: string, configPath: string): Result {
  const config = readJoin(machine, configPath);
  const complaint = joinComplaint(cluster, machine, config);
  if (config === undefined || complaint !== undefined) return refuse(complaint ?? 'no JoinConfiguration');
  const isMaster = config.controlPlane !== undefined;
  const does = (stages: readonly Stage[]) => carryOut(cluster, machine, name, stages);
  switch (name) {
    case 'preflight': {
      // With a key kubeadm fetches a master's certificates itself; without one they must be there.
      const copied = isMaster && config.controlPlane?.certificateKey === undefined;
      const found = complaintOf(machine, [...(copied ? [] : ['pki/ca.crt']), 'manifests/kube-apiserver.yaml', 'kubelet.conf']);
      if (copied && !hasSharedFiles(cluster, machine)) return refuse('failure loading certificate for CA');
      return found === undefined ? does([]) : refuse(found);
    }
    case 'control-plane-prepare all':
      return !isMaster ? refuse('no master') : prepare(cluster, machine, config.controlPlane?.certificateKey, does);
    case 'kubelet-start':
      return does([
        ['ca', () => machine.put(`${kubernetes}/pki/ca.crt`, { content: caCertificate })],
        ['start', () => startKubelet(machine, 'bootstrap-kubelet.conf')],
        // Its apiserver serves without a member beside it.
        ['apiserver', () => (isMaster && cluster.externalEtcd ? startEtcd(cluster, machine, false) : undefined)],
      ]);
    case 'etcd-join':
      if (!isMaster || !runs(machine, 'kubelet.service')) return refuse('the kubelet does not run');
      return does([
        ['learner', () => startEtcd(cluster, machine, true)],
        ['promoted', () => startEtcd(cluster, machine, false)],
      ]);
    case 'finish':
      if (isMaster && cluster.members.get(machine.host.name)?.learner !== false) return refuse('no member of etcd');
      return does([
        ['bootstrap', () => bootstrap(cluster, machine)],
        ['mark', () => (isMaster ? markMaster(register(cluster, machine), config.nodeRegistration.taints?.map(taintText)) : undefined)],
      ]);
    default:
      return refuse(`unknown phase ${name}`);
  }
}

/** Certificates from the cluster's Secret, or those that are there; then everything else that a master has. */
function prepare(cluster: FakeCluster, machine: FakeMachine, key: string | undefined, does: (stages: readonly Stage[]) => Result): Result {
  if (key !== undefined && key !== cluster.certificateKeys.at(-1)) return refuse('no certificates for that key');
  if (key === undefined && !hasSharedFiles(cluster, machine)) return refuse('failure loading certificate for CA');
  const fetched: Stage = [
    'pki',
    () => {
      machine.put(`${kubernetes}/pki/ca.crt`, { content: caCertificate });
      writeSharedFiles(machine);
    },
  ];
  return does([...(key === undefined ? [] : [fetched]), ['manifests', () => writeMasterFiles(machine)]]);
}

/** Whether the machine has what its founder has, and keys for root alone. */
function hasSharedFiles(cluster: FakeCluster, machine: FakeMachine): boolean {
  const founder = cluster.machines.get(cluster.founders[0] ?? '');
  return ['pki/ca.crt', ...sharedFiles].every((path) => {
    const wanted = founder?.files.get(`${kubernetes}/${path}`);
    const file = machine.files.get(`${kubernetes}/${path}`);
    return wanted === undefined || (file?.content === wanted.content && (!path.endsWith('.key') || file.mode === 0o600));
  });
}

const taintSchema = z.object({ key: z.string(), value: z.string().optional(), effect: z.string() });
const registrationSchema = z.object({ nodeRegistration: z.object({ taints: z.array(taintSchema).optional() }).optional() });

function taintText({ key, value, effect }: z.infer<typeof taintSchema>): string {
  return `${key}${value === undefined ? '' : `=${value}`}:${effect}`;
}

const joinSchema = z.object({
  kind: z.literal('JoinConfiguration'),
  discovery: z.object({
    file: z.object({ kubeConfigPath: z.string() }),
    tlsBootstrapToken: z.string(),
  }),
  nodeRegistration: z.object({ name: z.string(), taints: z.array(taintSchema).optional() }),
  controlPlane: z.object({ certificateKey: z.string().optional() }).optional(),
});
type JoinConfig = z.infer<typeof joinSchema>;

function readJoin(machine: FakeMachine, path: string): JoinConfig | undefined {
  const file = machine.files.get(path);
  if (file === undefined || file.mode !== 0o600) return undefined;
  return joinSchema.safeParse(parseAllDocuments(file.content)[0]?.toJS()).data;
}

const discoverySchema = z.object({
  clusters: z.array(z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) })).length(1),
});

function readDiscovery(machine: FakeMachine, path: string) {
  const found = discoverySchema.safeParse(parseAllDocuments(machine.files.get(path)?.content ?? '')[0]?.toJS());
  return found.data?.clusters[0]?.cluster ?? { server: '', 'certificate-authority-data': '' };
}

/** kubeadm finds the cluster by the endpoint's name, trusts it by the CA in the file, and is trusted by the token. */
function joinComplaint(cluster: FakeCluster, machine: FakeMachine, config: JoinConfig | undefined): string | undefined {
  if (config === undefined) return 'no JoinConfiguration that only root may read';
  const { file, tlsBootstrapToken: token } = config.discovery;
  const { server, 'certificate-authority-data': ca } = readDiscovery(machine, file.kubeConfigPath);
  const domain = server.replace(/^https:\/\/(.*):\d+$/, '$1');
  const address = new RegExp(`^(\\S+) ${domain.replaceAll('.', '\\.')}$`, 'm').exec(machine.files.get('/etc/hosts')?.content ?? '')?.[1];
  if (address === undefined || !endpointAnswers(cluster, address, machine)) return `no apiserver at ${server}`;
  if (Buffer.from(ca, 'base64').toString() !== caCertificate) return 'the cluster has another CA';
  if (!cluster.tokens.has(token)) return 'the token is not known';
  return config.nodeRegistration.name === machine.host.name ? undefined : 'the configuration is for another node';
}

/** What preflight has against the machine. */
function complaintOf(machine: FakeMachine, mustBeMissing: readonly string[]): string | undefined {
  if (!runs(machine, 'containerd.service')) return 'containerd does not run';
  if (machine.units.get('kubelet.service')?.enabled !== true) return 'kubelet.service is not enabled';
  const there = mustBeMissing.find((path) => machine.files.has(`${kubernetes}/${path}`));
  return there === undefined ? undefined : `${kubernetes}/${there} already exists`;
}

function writeMasterFiles(machine: FakeMachine): void {
  for (const path of masterFiles) machine.put(`${kubernetes}/${path}`, { content: `${path}\n`, mode: 0o600 });
  for (const name of manifests) machine.put(`${kubernetes}/manifests/${name}.yaml`, { content: `${name}\n`, mode: 0o600 });
}

function writeSharedFiles(machine: FakeMachine): void {
  for (const path of sharedFiles)
    machine.put(`${kubernetes}/${path}`, { content: `shared ${path}\n`, mode: path.endsWith('.key') ? 0o600 : 0o644 });
}

function startKubelet(machine: FakeMachine, kubeconfig: string): void {
  machine.put('/var/lib/kubelet/config.yaml', { content: 'kind: KubeletConfiguration\n' });
  machine.put('/var/lib/kubelet/kubeadm-flags.env', { content: 'KUBELET_KUBEADM_ARGS=""\n' });
  if (!machine.files.has(`${kubernetes}/kubelet.conf`))
    machine.put(`${kubernetes}/${kubeconfig}`, { content: 'kubeconfig\n', mode: 0o600 });
  const unit = machine.units.get('kubelet.service');
  if (unit !== undefined) unit.active = true;
}

function bootstrap(cluster: FakeCluster, machine: FakeMachine): void {
  machine.put(`${kubernetes}/kubelet.conf`, { content: 'kubeconfig\n', mode: 0o600 });
  machine.files.delete(`${kubernetes}/bootstrap-kubelet.conf`);
  register(cluster, machine);
}

function startEtcd(cluster: FakeCluster, machine: FakeMachine, learner: boolean): void {
  if (!cluster.externalEtcd) {
    machine.put(`${kubernetes}/manifests/etcd.yaml`, { content: 'etcd\n', mode: 0o600 });
    machine.put('/var/lib/etcd/member/snap/db', { content: 'etcd\n', mode: 0o600 });
  }
  const known = cluster.members.get(machine.host.name);
  if (known === undefined) cluster.members.set(machine.host.name, { address: machine.host.internalAddress, learner });
  else known.learner &&= learner;
}

function refuse(stderr: string): Result {
  return { code: 1, stderr: `${stderr}\n` };
}
