/** What the machines and the cluster said, judged and written for people. Pure. */

import type { ClusterNode } from '../facts/cluster-nodes.ts';
import type { EtcdMember } from '../facts/etcd-members.ts';
import type { MachineHealth } from '../facts/machine-health.ts';
import { type ClusterSpec, masters, nodes } from '../model/cluster.ts';

export interface Gathered {
  /** By host name: its health, or why it could not be asked. */
  readonly machines: ReadonlyMap<string, MachineHealth | string>;
  readonly nodes: readonly ClusterNode[];
  readonly members: readonly EtcdMember[];
}

export interface ClusterStatus {
  readonly cluster: string;
  readonly healthy: boolean;
  readonly problems: readonly string[];
  readonly endpoint: { readonly address: string; readonly port: number; readonly holders: readonly string[] };
  readonly machines: readonly {
    readonly name: string;
    readonly roles: readonly string[];
    readonly address: string;
    readonly node: 'Ready' | 'NotReady' | 'missing';
    readonly containerd: string;
    readonly kubelet: string;
    readonly apiserver: number | undefined;
    readonly unreachable: string | undefined;
  }[];
  readonly etcd: {
    readonly members: readonly EtcdMember[];
    readonly voters: number;
    readonly healthy: number;
    readonly quorum: number;
    /** How many more members may fail. */
    readonly spare: number;
  };
}

export function clusterStatus(cluster: ClusterSpec, { machines, nodes: known, members }: Gathered): ClusterStatus {
  const rows = cluster.hosts.map((host) => {
    const health = machines.get(host.name) ?? 'not asked';
    const node = known.find((candidate) => candidate.name === host.name);
    const asked = typeof health !== 'string';
    return {
      name: host.name,
      roles: host.roles,
      address: host.address,
      node: node === undefined ? ('missing' as const) : node.ready ? ('Ready' as const) : ('NotReady' as const),
      containerd: asked ? health.containerd : '',
      kubelet: asked ? health.kubelet : '',
      apiserver: asked && host.roles.includes('master') ? health.apiserver : undefined,
      unreachable: asked ? undefined : health,
      holdsVip: asked && health.holdsVip,
    };
  });
  const holders = rows.filter((row) => row.holdsVip).map((row) => row.name);
  const etcd = etcdStatus(members);
  const problems = [
    ...rows.flatMap((row) => (row.unreachable === undefined ? [] : [`${row.name} cannot be asked: ${row.unreachable}`])),
    ...nodes(cluster).flatMap((host) =>
      rows.filter((row) => row.name === host.name && row.node !== 'Ready').map((row) => `node ${row.name} is ${row.node}`),
    ),
    ...rows.flatMap((row) =>
      row.apiserver !== undefined && row.apiserver !== 200 && row.unreachable === undefined
        ? [`the apiserver on ${row.name} is not ready (${row.apiserver || 'no answer'})`]
        : [],
    ),
    ...(holders.length === 1
      ? []
      : [`${holders.length} machines hold the endpoint's address ${cluster.endpoint.address}: ${holders.join(', ') || 'none'}`]),
    ...members.filter((member) => !member.healthy).map((member) => `etcd member ${member.name} does not answer`),
    ...members.filter((member) => member.learner).map((member) => `etcd member ${member.name} is still a learner`),
    ...(members.length === masters(cluster).length
      ? []
      : [`etcd has ${members.length} members, the cluster file ${masters(cluster).length} masters`]),
  ];
  return {
    cluster: cluster.name,
    healthy: problems.length === 0,
    problems,
    endpoint: { address: cluster.endpoint.address, port: cluster.endpoint.port, holders },
    machines: rows.map(({ holdsVip: _, ...row }) => row),
    etcd,
  };
}

function etcdStatus(members: readonly EtcdMember[]): ClusterStatus['etcd'] {
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

export function statusText(status: ClusterStatus): string {
  const rows = [
    ['MACHINE', 'ROLES', 'ADDRESS', 'NODE', 'KUBELET', 'CONTAINERD', 'APISERVER', 'ETCD', 'ENDPOINT'],
    ...status.machines.map((row) => {
      const member = status.etcd.members.find((candidate) => candidate.name === row.name);
      return [
        row.name,
        row.roles.join(','),
        row.address,
        row.node,
        row.unreachable === undefined ? row.kubelet : 'unreachable',
        row.containerd || '-',
        row.apiserver === undefined ? '-' : row.apiserver === 200 ? 'ready' : `${row.apiserver || 'no answer'}`,
        member === undefined ? '-' : !member.healthy ? 'down' : member.leader ? 'leader' : member.learner ? 'learner' : 'member',
        status.endpoint.holders.includes(row.name) ? 'holds it' : '',
      ];
    }),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const { etcd, endpoint } = status;
  return `${table.join('\n')}

endpoint  https://${endpoint.address}:${endpoint.port}, held by ${endpoint.holders.join(', ') || 'nobody'}
etcd      ${etcd.healthy} of ${etcd.voters} voting members healthy, quorum is ${etcd.quorum}: ${etcd.spare} more may fail
${status.healthy ? `${status.cluster} is healthy.` : `${status.cluster} is not healthy:\n${status.problems.map((problem) => `  ${problem}`).join('\n')}`}
`;
}
