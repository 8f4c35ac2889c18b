/** Judges an etcd that the user brings, by what its endpoints answered to the masters. Pure. */

import type { ForeignEtcdState } from '../../facts/foreign-etcd-state.ts';
import type { ClusterSpec, ForeignEtcd } from '../../model/cluster.ts';
import { type Finding, type Severity, unlessIgnored } from './finding.ts';

export interface ForeignMember {
  readonly id: string;
  readonly name: string;
  readonly learner: boolean;
}

/** Why an endpoint gave no answer of etcd's to a master. */
export type EndpointTrouble =
  | { readonly kind: 'silent' | 'refused' }
  /** no-tunnel: that master's sshd forwards nothing, so that nobody could ask. */
  | { readonly kind: 'no-tunnel' }
  /** untrusted: by us; rejected: by it. */
  | { readonly kind: 'untrusted' | 'rejected' | 'not-etcd'; readonly detail: string };

export interface EndpointReply {
  readonly kind: 'etcd';
  readonly clusterId: string;
  readonly memberId: string;
  readonly members: readonly ForeignMember[];
  /** It has a leader, and the leader a quorum. */
  readonly healthy: boolean;
  /** Under /registry/, where every Kubernetes keeps its objects. */
  readonly registryKeys: number;
  /** 3.6.5 */
  readonly version: string;
}

export interface EndpointAnswer {
  /** Name of the master that asked. */
  readonly from: string;
  readonly endpoint: string;
  readonly answer: EndpointReply | EndpointTrouble;
}

interface Judged {
  readonly cluster: ClusterSpec;
  readonly etcd: ForeignEtcd;
  readonly answers: readonly EndpointAnswer[];
  readonly replies: readonly (EndpointAnswer & { readonly answer: EndpointReply })[];
  /** Its data are this cluster's: noted before, or a master is complete. */
  readonly ours: boolean;
}

export function judgeForeignEtcd(
  cluster: ClusterSpec,
  etcd: ForeignEtcd,
  answers: readonly EndpointAnswer[],
  states: readonly ForeignEtcdState[],
): readonly Finding[] {
  const replies = answers.flatMap((each) => (each.answer.kind === 'etcd' ? [{ ...each, answer: each.answer }] : []));
  const ids = new Set(replies.map(({ answer }) => answer.clusterId));
  const ours = states.some(({ completed, clusterId }) => completed || (clusterId !== undefined && ids.has(clusterId)));
  const judged = { cluster, etcd, answers, replies, ours };
  return [...troubles(judged), ...oneCluster(judged), ...members(judged), ...emptiness(judged), ...version(judged)];
}

/** A cluster that is up goes on without one of its members, as long as there is a quorum. */
function troubles(judged: Judged): readonly Finding[] {
  const severity = judged.ours && hasQuorum(judged) ? 'warning' : 'error';
  return judged.answers.flatMap(({ from, endpoint, answer }): readonly Finding[] => {
    if (answer.kind === 'etcd') return [];
    const { message, remedy } = words(endpoint, answer);
    return [{ severity: answer.kind === 'no-tunnel' ? 'warning' : severity, host: from, check: 'external-etcd', message, remedy }];
  });
}

function words(endpoint: string, trouble: EndpointTrouble): { readonly message: string; readonly remedy: string } {
  switch (trouble.kind) {
    case 'silent':
      return { message: `${endpoint} does not answer`, remedy: 'is the machine up, and does its firewall let every master in?' };
    case 'refused':
      return { message: `nothing listens at ${endpoint}`, remedy: 'start etcd there; its listen-client-urls must name that address' };
    case 'no-tunnel':
      return {
        message: `${endpoint} could not be asked before the work begins: sshd here forwards no connections`,
        remedy: 'it is asked before the first master begins; AllowTcpForwarding in sshd_config lets it be asked now',
      };
    case 'untrusted':
      return {
        message: `${endpoint} shows a certificate that spec.etcd.caFile does not vouch for (${trouble.detail})`,
        remedy: "name the CA of the servers' certificates there; these must carry the names or addresses of the endpoints",
      };
    case 'rejected':
      return {
        message: `${endpoint} refuses the client certificate (${trouble.detail})`,
        remedy: "name a certificate in spec.etcd.certFile that etcd's trusted-ca-file vouches for, with the usage client authentication",
      };
    case 'not-etcd':
      return {
        message: `${endpoint} does not answer as etcd does: ${trouble.detail}`,
        remedy: "name etcd's client URLs in spec.etcd.endpoints",
      };
  }
}

function oneCluster({ replies }: Judged): readonly Finding[] {
  const byCluster = Map.groupBy(replies, ({ answer }) => answer.clusterId);
  if (byCluster.size <= 1) return [];
  const parts = [...byCluster].map(([id, group]) => `${id}: ${[...new Set(group.map(({ endpoint }) => endpoint))].join(', ')}`);
  return [
    {
      severity: 'error',
      check: 'external-etcd',
      message: `the endpoints are of ${byCluster.size} different etcd clusters (${parts.join('; ')})`,
      remedy: 'name the members of one of them',
    },
  ];
}

function members(judged: Judged): readonly Finding[] {
  const { cluster, etcd, replies, ours } = judged;
  if (replies.length === 0) return [];
  const { voters, quorum, healthy } = count(judged);
  const finding = (severity: Severity, message: string, remedy: string): Finding => ({ severity, check: 'external-etcd', message, remedy });
  const findings: Finding[] = [];
  if (!hasQuorum(judged)) {
    const message = `${healthy} of etcd's ${voters} voting members are healthy among the endpoints; the quorum of ${voters} is ${quorum}`;
    findings.push(finding('error', message, 'bring the members back that are missing, and name each of them in spec.etcd.endpoints'));
  }
  if (voters % 2 === 0) {
    // Whoever names an even number has accepted it already.
    const accepted = ours || etcd.endpoints.length % 2 === 0;
    const message = `etcd has ${voters} voting members: their quorum is ${quorum}, so they survive the loss of ${voters - quorum}, as ${voters - 1} would`;
    findings.push(finding(accepted ? 'warning' : unlessIgnored(cluster, 'ExternalEtcdMembers'), message, 'add a member, or remove one'));
  }
  if (voters === 1)
    findings.push(finding('warning', 'etcd has one member: without it there is no API', 'three members survive the loss of one'));
  if (voters > etcd.endpoints.length) {
    const message = `etcd has ${voters} voting members, and spec.etcd.endpoints names ${etcd.endpoints.length}`;
    findings.push(finding('warning', message, 'name all of them: the apiservers ask no others'));
  }
  return findings;
}

function hasQuorum(judged: Judged): boolean {
  const { quorum, healthy } = count(judged);
  return healthy >= quorum;
}

function count({ replies }: Judged): { readonly voters: number; readonly quorum: number; readonly healthy: number } {
  const list = replies[0]?.answer.members ?? [];
  const voting = new Set(list.filter(({ learner }) => !learner).map(({ id }) => id));
  const healthy = new Set(replies.flatMap(({ answer }) => (answer.healthy && voting.has(answer.memberId) ? [answer.memberId] : [])));
  return { voters: voting.size, quorum: Math.floor(voting.size / 2) + 1, healthy: healthy.size };
}

function emptiness({ replies, etcd, ours }: Judged): readonly Finding[] {
  const keys = Math.max(0, ...replies.map(({ answer }) => answer.registryKeys));
  if (keys === 0 || ours) return [];
  return [
    {
      severity: 'error',
      check: 'foreign-cluster',
      message: `the etcd at ${etcd.endpoints.join(', ')} holds ${keys} keys of another Kubernetes under /registry/`,
      remedy: `name another etcd; or, if that Kubernetes is gone for good, on a machine with etcdctl: etcdctl --endpoints=${etcd.endpoints.join(',')} --cacert=${etcd.caFile} --cert=${etcd.certFile} --key=${etcd.keyFile} del /registry/ --prefix`,
      code: 'FOREIGN_CLUSTER',
    },
  ];
}

/** kubeadm 1.34 refuses older ones (MinExternalEtcdVersion in its constants.go), but only once it begins. */
function version({ cluster, replies }: Judged): readonly Finding[] {
  const minor = Number(/^v1\.(\d+)/.exec(cluster.kubernetes.version)?.[1] ?? 0);
  const old = [...new Set(replies.flatMap(({ answer }) => (minor >= 34 && isOlder(answer.version, [3, 5, 24]) ? [answer.version] : [])))];
  if (old.length === 0) return [];
  return [
    {
      severity: unlessIgnored(cluster, 'ExternalEtcdVersion'),
      check: 'external-etcd-version',
      message: `etcd is of version ${old.join(', ')}; kubeadm ${cluster.kubernetes.version} wants 3.5.24 or later`,
      remedy: 'upgrade etcd, member by member',
    },
  ];
}

function isOlder(text: string, wanted: readonly number[]): boolean {
  const have = text.split(/[.-]/).map(Number);
  const at = wanted.findIndex((part, index) => part !== (have[index] ?? 0));
  return at >= 0 && (have[at] ?? 0) < (wanted[at] ?? 0);
}
