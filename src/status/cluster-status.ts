/** What the machines and the cluster said, judged. Pure. */

import type { BalancerBackend, BalancerHealth } from '../facts/balancer.ts';
import type { ClusterNode } from '../facts/cluster-nodes.ts';
import type { EtcdMember } from '../facts/etcd-members.ts';
import type { LeaderLease } from '../facts/leader-leases.ts';
import type { MachineHealth } from '../facts/machine-health.ts';
import { type Cluster, etcdHosts, nodes } from '../model/cluster.ts';
import type { Host, Role } from '../model/host.ts';

export interface Gathered {
  /** By host name: its health, or why it could not be asked. */
  readonly machines: ReadonlyMap<string, MachineHealth | string>;
  readonly nodes: readonly ClusterNode[];
  readonly members: readonly EtcdMember[];
  readonly leaders: readonly LeaderLease[];
  /** By host name: how its balancer does; no entry where there is none, or where it could not be asked. */
  readonly balancers: ReadonlyMap<string, BalancerHealth>;
}

export interface MachineStatus {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly address: string;
  /** undefined: the machine is no node. */
  readonly node: 'Ready' | 'NotReady' | 'missing' | undefined;
  readonly containerd: string;
  readonly kubelet: string;
  /** HTTP status; undefined on machines without an apiserver. */
  readonly apiserver: number | undefined;
  /** systemd's word for the balancer here; undefined where the scheme has none. */
  readonly balancer: string | undefined;
  /** What that balancer thinks of the apiservers; undefined where it does not tell, as nginx. */
  readonly backends: readonly BalancerBackend[] | undefined;
  readonly unreachable: string | undefined;
}

export interface ClusterStatus {
  readonly cluster: string;
  readonly scheme: string;
  readonly healthy: boolean;
  readonly problems: readonly string[];
  readonly endpoint: {
    readonly address: string;
    readonly port: number;
    readonly keptBy: 'one-machine' | 'every-node' | 'user';
    /** The machines that have the address now, where it is kept by one. */
    readonly holders: readonly string[];
    /** The nodes whose new connections to the endpoint are answered, and how many were asked. */
    readonly answers: readonly string[];
    readonly asked: number;
  };
  readonly machines: readonly MachineStatus[];
  readonly etcd: {
    readonly topology: 'stacked' | 'hosted' | 'foreign';
    readonly members: readonly EtcdMember[];
    readonly voters: number;
    readonly healthy: number;
    readonly quorum: number;
    /** How many more members may fail. */
    readonly spare: number;
  };
  readonly leaders: readonly LeaderLease[];
}

export function clusterStatus(cluster: Cluster, gathered: Gathered): ClusterStatus {
  const machines = cluster.hosts.map((host) => machineStatus(cluster, host, gathered));
  const endpoint = endpointStatus(cluster, gathered);
  const problems = [
    ...machines.flatMap(machineProblems),
    ...endpointProblems(cluster, endpoint, gathered),
    ...balancerProblems(machines),
    ...etcdProblems(cluster, gathered.members),
    ...gathered.leaders.filter(({ current }) => !current).map(({ of }) => `no ${of} leads: its lease is not renewed`),
  ];
  return {
    cluster: cluster.name,
    scheme: cluster.scheme.variant,
    healthy: problems.length === 0,
    problems,
    endpoint,
    machines,
    etcd: { topology: cluster.etcd.name, ...quorumOf(gathered.members) },
    leaders: gathered.leaders,
  };
}

function machineStatus(cluster: Cluster, host: Host, { machines, nodes: known, balancers }: Gathered): MachineStatus {
  const health = machines.get(host.name) ?? 'not asked';
  const asked = typeof health !== 'string';
  const node = known.find((candidate) => candidate.name === host.name);
  const isNode = nodes(cluster).includes(host);
  return {
    name: host.name,
    roles: host.roles,
    address: host.address,
    node: !isNode ? undefined : node === undefined ? 'missing' : node.ready ? 'Ready' : 'NotReady',
    containerd: asked && isNode ? health.containerd : '',
    kubelet: asked && isNode ? health.kubelet : '',
    apiserver: asked && host.roles.includes('master') ? health.apiserver : undefined,
    balancer: hasBalancer(cluster, host) ? balancers.get(host.name)?.unit : undefined,
    backends: balancers.get(host.name)?.backends,
    unreachable: asked ? undefined : health,
  };
}

/** Also one that listens on no port, since it balances in the kernel. */
export function hasBalancer({ scheme, ...cluster }: Cluster, host: Host): boolean {
  return scheme.ports(cluster, host).length > 0 || (scheme.nodeLocal && scheme.hosts(cluster).includes(host));
}

function endpointStatus(cluster: Cluster, { machines }: Gathered): ClusterStatus['endpoint'] {
  const keptBy = cluster.scheme.name === 'external' ? 'user' : cluster.scheme.nodeLocal ? 'every-node' : 'one-machine';
  const healthOf = (host: Host) => {
    const health = machines.get(host.name);
    return typeof health === 'string' ? undefined : health;
  };
  const asked = nodes(cluster).filter((host) => healthOf(host) !== undefined);
  return {
    address: cluster.endpoint.address,
    port: cluster.endpoint.port,
    keptBy,
    holders: keptBy === 'one-machine' ? cluster.hosts.filter((host) => healthOf(host)?.holdsVip === true).map(({ name }) => name) : [],
    answers: asked.filter((host) => answered(healthOf(host)?.endpoint ?? 0)).map(({ name }) => name),
    asked: asked.length,
  };
}

/** 401 and 403 come from clusters without anonymous access. */
function answered(status: number): boolean {
  return (status >= 200 && status < 300) || status === 401 || status === 403;
}

function machineProblems({ name, node, kubelet, containerd, apiserver, unreachable }: MachineStatus): readonly string[] {
  if (unreachable !== undefined) {
    return [`${name} cannot be asked: ${unreachable}`, ...(node === undefined || node === 'Ready' ? [] : [`node ${name} is ${node}`])];
  }
  return [
    ...(node === undefined || node === 'Ready' ? [] : [`node ${name} is ${node}`]),
    // The cluster itself notices only after 40 s.
    ...(node === undefined || kubelet === 'active' ? [] : [`kubelet on ${name} does not run (${kubelet || 'no such unit'})`]),
    ...(node === undefined || containerd === 'active' ? [] : [`containerd on ${name} does not run (${containerd || 'no such unit'})`]),
    ...(apiserver === undefined || answered(apiserver) ? [] : [`the apiserver on ${name} is not ready (${apiserver || 'no answer'})`]),
  ];
}

function endpointProblems(cluster: Cluster, endpoint: ClusterStatus['endpoint'], { machines }: Gathered): readonly string[] {
  const { keptBy, holders, answers, address } = endpoint;
  const asked = nodes(cluster).filter(({ name }) => typeof machines.get(name) === 'object');
  const unanswered = asked.filter(({ name }) => !answers.includes(name)).map(({ name }) => name);
  const silent = cluster.scheme.vipHosts(cluster).filter(({ name }) => {
    const health = machines.get(name);
    return typeof health === 'object' && health.keepalived !== 'active';
  });
  return [
    ...(keptBy !== 'one-machine' || holders.length === 1
      ? []
      : [`${holders.length} machines hold the endpoint's address ${address}: ${holders.join(', ') || 'none'}`]),
    ...(unanswered.length === 0 ? [] : [`the endpoint does not answer ${unanswered.join(', ')}`]),
    ...silent.map(({ name }) => `keepalived on ${name} does not run: it cannot take the endpoint's address`),
  ];
}

/** What an apiserver's own answer has told already is not told again by each balancer. */
function balancerProblems(machines: readonly MachineStatus[]): readonly string[] {
  const serving = new Set(machines.filter(({ apiserver }) => apiserver !== undefined && answered(apiserver)).map(({ name }) => name));
  const masters = machines.filter(({ roles }) => roles.includes('master')).map(({ name }) => name);
  return machines.flatMap(({ name, balancer, backends }) => {
    if (balancer !== undefined && balancer !== 'active') return [`the balancer on ${name} does not run (${balancer || 'unknown'})`];
    if (backends === undefined) return [];
    const known = backends.map((backend) => backend.name);
    const missing = masters.filter((master) => !known.includes(master));
    const strange = known.filter((backend) => !masters.includes(backend));
    const down = backends.filter((backend) => backend.state !== 'UP' && serving.has(backend.name)).map((backend) => backend.name);
    return [
      ...(missing.length === 0 ? [] : [`the balancer on ${name} does not know ${missing.join(', ')}`]),
      ...(strange.length === 0 ? [] : [`the balancer on ${name} still has ${strange.join(', ')}, which the file does not name as masters`]),
      ...(down.length === 0 ? [] : [`the balancer on ${name} finds ${down.join(', ')} down, whose apiserver serves`]),
    ];
  });
}

function etcdProblems(cluster: Cluster, members: readonly EtcdMember[]): readonly string[] {
  const expected = cluster.etcd.members(cluster);
  return [
    ...members.filter((member) => !member.healthy).map((member) => `etcd member ${member.name} does not answer`),
    ...members.filter((member) => member.learner).map((member) => `etcd member ${member.name} is still a learner`),
    ...(members.length === expected ? [] : [`etcd has ${members.length} members, the cluster file asks for ${expected}`]),
    ...(members.length === 0 && etcdHosts(cluster).length > 0 ? ['etcd does not answer on any machine that may ask it'] : []),
  ];
}

function quorumOf(members: readonly EtcdMember[]): Omit<ClusterStatus['etcd'], 'topology'> {
  const voters = members.filter((member) => !member.learner);
  const healthy = voters.filter((member) => member.healthy).length;
  const quorum = Math.floor(voters.length / 2) + 1;
  return {
    members,
    voters: voters.length,
    healthy,
    quorum: voters.length === 0 ? 0 : quorum,
    spare: voters.length === 0 ? 0 : Math.max(0, healthy - quorum),
  };
}
