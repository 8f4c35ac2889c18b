/** What a Kubernetes cluster knows beyond its machines' files: nodes, etcd members, join secrets. Shared by the fake machines of a test. */

import type { JsonObject } from '../../src/model/cluster.ts';
import type { FakeMachine } from './fake-machine.ts';

export interface FakeNode {
  readonly podCidr: string;
  readonly labels: Record<string, string>;
  readonly taints: string[];
  readonly address: string;
}

export interface FakeCluster {
  readonly machines: Map<string, FakeMachine>;
  readonly nodes: Map<string, FakeNode>;
  /** Masters with an apiserver; with stacked etcd that is a member's beside it. */
  readonly members: Map<string, { readonly address: string; learner: boolean }>;
  /** kubeadm was told of an external etcd: masters have no member of their own. */
  externalEtcd: boolean;
  /** An etcd of the user's own, healthy; undefined: there is none. `keys`: under /registry/, of another Kubernetes. */
  foreignEtcd: { readonly keys: number } | undefined;
  /** The address of a load balancer that the user keeps; undefined: there is none. */
  ownBalancer: string | undefined;
  /** Specs of CoreDNS and kube-proxy: deployment/coredns. */
  readonly workloads: Map<string, JsonObject>;
  /** Lists of other objects that were applied, each as its JSON. */
  readonly applied: Set<string>;
  readonly tokens: Set<string>;
  /** Keys of uploaded certificates; the last one counts. */
  readonly certificateKeys: string[];
  /** Machines on which kubeadm made a new CA: more than one means two clusters. */
  readonly founders: string[];
  /** Machines on which kubeadm init, or a phase of kubeadm join, ran, in their order: `m1 init`. */
  readonly kubeadmRuns: string[];
  /** Where kubeadm dies, each once: `m2 etcd-join learner`. */
  readonly deaths: Set<string>;
}

export function fakeCluster(deaths: readonly string[] = []): FakeCluster {
  return {
    machines: new Map(),
    nodes: new Map(),
    members: new Map(),
    externalEtcd: false,
    foreignEtcd: undefined,
    ownBalancer: undefined,
    workloads: new Map(),
    applied: new Set(),
    tokens: new Set(),
    certificateKeys: [],
    founders: [],
    kubeadmRuns: [],
    deaths: new Set(deaths),
  };
}

/** Some apiserver is reachable: etcd has a member that is no learner, and its machine's kubelet runs. */
export function serves(cluster: FakeCluster): boolean {
  return [...cluster.members].some(([name, { learner }]) => !learner && runs(cluster.machines.get(name), 'kubelet.service'));
}

/** The endpoint's address is up: some master with a serving apiserver runs keepalived and its watcher, or owns the address itself. */
export function endpointAnswers(cluster: FakeCluster, address: string, from: FakeMachine): boolean {
  // A balancer of the asking machine's own.
  if (address === '127.0.0.1') return runs(from, 'trivet-balancer.service') && serves(cluster);
  // trivet care on the asking machine keeps the address there.
  if (from.files.get('/etc/trivet/care.json')?.content.includes(`"vs": "${address}:`)) {
    return runs(from, 'trivet-care.service') && serves(cluster);
  }
  if (cluster.ownBalancer === address || pairAnswers(cluster, address)) return serves(cluster);
  return [...cluster.members].some(([name, { learner }]) => {
    const machine = cluster.machines.get(name);
    if (machine === undefined || learner || !runs(machine, 'kubelet.service')) return false;
    if (machine.host.internalAddress === address) return true;
    const config = machine.files.get('/etc/keepalived/keepalived.conf')?.content ?? '';
    return config.includes(`${address}/32`) && runs(machine, 'keepalived.service') && runs(machine, 'trivet-vip-watch.service');
  });
}

/** Some machine that is no master has the address and leads on to the masters: by a balancer of its own, or in its kernel. */
function pairAnswers(cluster: FakeCluster, address: string): boolean {
  return [...cluster.machines.values()].some((machine) => {
    const config = machine.files.get('/etc/keepalived/keepalived.conf')?.content ?? '';
    if (!machine.host.roles.includes('lb') || !config.includes(`${address}/32`) || !runs(machine, 'keepalived.service')) return false;
    if (config.includes(`virtual_server ${address} `)) return true;
    return runs(machine, 'trivet-balancer.service') && runs(machine, 'trivet-vip-watch.service');
  });
}

export function runs(machine: FakeMachine | undefined, unit: string): boolean {
  return machine?.units.get(unit)?.active === true;
}

/** Registers the node as its kubelet does; a name that is known keeps its pod range. */
export function register(cluster: FakeCluster, machine: FakeMachine): FakeNode {
  const { name, internalAddress } = machine.host;
  const known = cluster.nodes.get(name);
  if (known !== undefined) return known;
  const node = { podCidr: `10.244.${cluster.nodes.size}.0/24`, labels: {}, taints: [], address: internalAddress };
  cluster.nodes.set(name, node);
  return node;
}

/** A kubelet reports Ready once it runs and a pod network is configured on its machine. */
export function readyNodes(cluster: FakeCluster): readonly string[] {
  const manifest = [...cluster.machines.values()].some((machine) => machine.files.has(appliedManifest));
  return [...cluster.nodes.keys()].filter((name) => {
    const machine = cluster.machines.get(name);
    return runs(machine, 'kubelet.service') && (manifest || machine?.files.has('/etc/cni/net.d/10-trivet.conflist') === true);
  });
}

/** Says on the machine where it was done that the pod network's manifest is applied. */
export const appliedManifest = '/var/lib/etcd/applied';

/** `taints`: what kubeadm's configuration says; undefined: kubeadm's own. */
export function markMaster(node: FakeNode, taints?: readonly string[]): void {
  const role = 'node-role.kubernetes.io/control-plane';
  node.labels[role] = '';
  for (const taint of taints ?? [`${role}:NoSchedule`]) if (!node.taints.includes(taint)) node.taints.push(taint);
}

/** A real certificate, since trivet hashes its public key; its private key was thrown away. */
export const caCertificate = `-----BEGIN CERTIFICATE-----
MIIBgTCCASegAwIBAgIUMCgQ003549w2L7bP+61L5cV8vugwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKa3ViZXJuZXRlczAgFw0yNjExMjEwODA1NDhaGA8yMTI2MTAy
ODA4MDU0OFowFTETMBEGA1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABD5t9zIOMf17RqrlVb54kqTkFWtkSYqGr1BjJ/rljJf7wrcekVD2
e0MV8YARroZ6XS2ldKmdsHGbPhRE/jO5moWjUzBRMB0GA1UdDgQWBBSIV+GXyua/
iHpQLh2VY9igUW8Q4zAfBgNVHSMEGDAWgBSIV+GXyua/iHpQLh2VY9igUW8Q4zAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDMsmEikMPhHdZ1dX+O
2SvU69yCy4lWervhdiV168Dw2AIgHwi/aIE0bt2EVhuvWLII7wynbKdeBKybu3Z9
0UEG6co=
-----END CERTIFICATE-----
`;
