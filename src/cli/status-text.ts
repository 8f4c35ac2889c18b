/** A cluster's status for people: a table of the machines, the endpoint, etcd, who leads, and what is wrong. */

import type { ClusterStatus, MachineStatus } from '../status/cluster-status.ts';

export function statusText(status: ClusterStatus): string {
  const { cluster, healthy, problems } = status;
  const verdict = healthy
    ? `${cluster} is healthy.`
    : `${cluster} is not healthy:\n${problems.map((problem) => `  ${problem}`).join('\n')}`;
  return `${table(status)}

endpoint  ${endpointLine(status)}
etcd      ${etcdLine(status.etcd)}
${leadersLine(status)}${verdict}
`;
}

interface Column {
  readonly head: string;
  readonly cell: (machine: MachineStatus, status: ClusterStatus) => string;
  /** Present in a column that is left out where no machine has anything to say in it: what then stands for nothing. */
  readonly optional?: string;
}

const columns: readonly Column[] = [
  { head: 'MACHINE', cell: ({ name }) => name },
  { head: 'ROLES', cell: ({ roles }) => roles.join(',') },
  { head: 'ADDRESS', cell: ({ address }) => address },
  { head: 'NODE', cell: ({ node, unreachable }) => node ?? (unreachable === undefined ? '-' : 'unreachable') },
  {
    head: 'KUBELET',
    cell: ({ kubelet, unreachable, node }) => (unreachable === undefined || node === undefined ? kubelet || '-' : 'unreachable'),
  },
  { head: 'CONTAINERD', cell: ({ containerd }) => containerd || '-' },
  {
    head: 'APISERVER',
    cell: ({ apiserver }) => (apiserver === undefined ? '-' : apiserver === 200 ? 'ready' : `${apiserver || 'no answer'}`),
  },
  { head: 'BALANCER', cell: balancerCell, optional: '-' },
  { head: 'ETCD', cell: etcdCell },
  { head: 'ENDPOINT', cell: ({ name }, { endpoint }) => (endpoint.holders.includes(name) ? 'holds it' : ''), optional: '' },
];

function balancerCell({ balancer, backends }: MachineStatus): string {
  if (balancer === undefined) return '';
  if (balancer !== 'active' || backends === undefined) return balancer || 'unknown';
  return `${backends.filter(({ state }) => state === 'UP').length} of ${backends.length} up`;
}

function etcdCell({ name }: MachineStatus, { etcd }: ClusterStatus): string {
  const member = etcd.members.find((candidate) => candidate.name === name);
  if (member === undefined) return '-';
  return !member.healthy ? 'down' : member.leader ? 'leader' : member.learner ? 'learner' : 'member';
}

function table(status: ClusterStatus): string {
  const filled = columns.filter(
    ({ optional, cell }) => optional === undefined || status.machines.some((machine) => cell(machine, status) !== ''),
  );
  const rows = [
    filled.map(({ head }) => head),
    ...status.machines.map((machine) => filled.map(({ cell, optional = '' }) => cell(machine, status) || optional)),
  ];
  const widths = filled.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function endpointLine({ endpoint, scheme, machines }: ClusterStatus): string {
  const { address, port, keptBy, holders, answers, asked } = endpoint;
  const balancing = machines.filter(({ balancer }) => balancer !== undefined);
  const running = balancing.filter(({ balancer }) => balancer === 'active').length;
  const answering = `answers ${answers.length} of ${asked} nodes`;
  const url = `https://${address}:${port}`;
  switch (keptBy) {
    case 'one-machine':
      return `${url} (${scheme}), held by ${holders.join(', ') || 'nobody'}; ${answering}`;
    case 'every-node':
      return `${url} on each node (${scheme}), its balancer runs on ${running} of ${balancing.length}; ${answering}`;
    case 'user':
      return `${url}, your own load balancer; ${answering}`;
  }
}

function etcdLine({ topology, members, healthy, voters, quorum, spare }: ClusterStatus['etcd']): string {
  const where = { stacked: 'on the masters', hosted: 'external, made by trivet', foreign: 'external, your own' }[topology];
  const foreign = topology === 'foreign' && members.length > 0 ? ` (${members.map(({ name }) => name).join(', ')})` : '';
  return `${where}${foreign}: ${healthy} of ${voters} voting members healthy, quorum is ${quorum}: ${spare} more may fail`;
}

function leadersLine({ leaders }: ClusterStatus): string {
  if (leaders.length === 0) return '';
  const told = leaders.map(({ of, holder, current }) => `${of.replace('kube-', '')} ${current ? (holder ?? 'nobody') : 'nobody'}`);
  return `leaders   ${told.join(', ')}\n`;
}
