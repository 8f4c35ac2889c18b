/** etcd's members as etcd itself tells them, asked on a machine that has certificates for it. */

import type { EtcdAccess } from '../model/etcd-topology.ts';
import type { Fact } from '../model/fact.ts';

export interface EtcdMember {
  readonly name: string;
  readonly clientUrl: string;
  readonly learner: boolean;
  /** Whether it answered. */
  readonly healthy: boolean;
  readonly leader: boolean;
}

/** Empty when etcd does not answer there. */
export function etcdMembers(access: EtcdAccess): Fact<readonly EtcdMember[]> {
  const ask = `${etcdctl(access)} --command-timeout=4s --dial-timeout=2s`;
  return {
    name: `etcd-members ${access.endpoints.join(' ')} ${access.certFile}`,
    argv: ['sh', '-c', `${ask} member list -w json; echo; ${ask} endpoint status --cluster -w json 2> /dev/null`],
    parse: ({ stdout }) => parseMembers(stdout),
  };
}

/** etcdctl with its way to the members, for a shell. */
export function etcdctl({ endpoints, caFile, certFile, keyFile }: EtcdAccess): string {
  return `etcdctl --endpoints=${endpoints.join(',')} --cacert=${caFile} --cert=${certFile} --key=${keyFile}`;
}

/** First line: `member list -w json`; then `endpoint status --cluster -w json`, which lacks the members that are down. */
export function parseMembers(stdout: string): readonly EtcdMember[] {
  const [first = '', ...rest] = stdout.split('\n').filter((line) => line.trim() !== '');
  if (!first.startsWith('{')) return [];
  const list: MemberList = JSON.parse(first);
  const statusLine = rest.find((line) => line.startsWith('['));
  const statuses: readonly EndpointStatus[] = statusLine === undefined ? [] : JSON.parse(statusLine);
  const byMember = new Map(statuses.map((status) => [status.Status.header.member_id, status.Status]));
  return list.members.map((member) => {
    const status = byMember.get(member.ID);
    return {
      name: member.name ?? '',
      clientUrl: member.clientURLs?.[0] ?? '',
      learner: member.isLearner ?? false,
      healthy: status !== undefined,
      leader: status !== undefined && status.leader === member.ID,
    };
  });
}

interface MemberList {
  readonly members: readonly {
    readonly ID: number;
    readonly name?: string;
    readonly clientURLs?: readonly string[];
    readonly isLearner?: boolean;
  }[];
}

interface EndpointStatus {
  readonly Status: { readonly header: { readonly member_id: number }; readonly leader?: number };
}
