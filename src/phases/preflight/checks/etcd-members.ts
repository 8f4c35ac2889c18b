/** Preflight check: the members of a hosted etcd are those of the file, and their data are this cluster's. */

import { etcdHosts } from '../../../model/cluster.ts';
import { initialCluster } from '../../../render/etcd-config.ts';
import { etcdDataDirectory } from '../../../render/etcd-paths.ts';
import type { Check, Finding } from '../finding.ts';
import { belongs, type Survey, type Surveyed } from '../survey.ts';

export const etcdMembers: Check = (survey) => {
  const { cluster, machines } = survey;
  if (cluster.etcd.name !== 'hosted') return [];
  const members = machines.filter(({ host }) => host.roles.includes('etcd'));
  return [...members.flatMap((machine) => othersData(survey, machine)), ...otherMembers(survey, members), ...lostData(survey, members)];
};

function othersData({ cluster }: Survey, { host, traces, etcdState }: Surveyed): readonly Finding[] {
  if (belongs(cluster, traces) || etcdState === undefined || etcdState.data.length === 0) return [];
  return [
    {
      severity: 'error',
      host: host.name,
      check: 'etcd-data',
      message: `${etcdDataDirectory} holds the data of an etcd that is not this cluster's (${etcdState.data.slice(0, 3).join(', ')})`,
      remedy: `if they are no longer wanted: rm -rf ${etcdDataDirectory}; else move them away`,
    },
  ];
}

/** What the members were founded as is written in their configuration; a run that ended before all had started goes on. */
function otherMembers({ cluster }: Survey, members: readonly Surveyed[]): readonly Finding[] {
  const wanted = initialCluster(etcdHosts(cluster));
  const founded = members.find(
    ({ etcdState }) => etcdState !== undefined && etcdState.data.length > 0 && etcdState.initialCluster !== wanted,
  );
  const now = founded?.etcdState?.initialCluster?.split(',').map((entry) => entry.replace('=https://', ' at ').replace(/:2380$/, '')) ?? [];
  if (founded === undefined || now.length === 0) return [];
  const names = etcdHosts(cluster).map((host) => `${host.name} at ${host.internalAddress}`);
  const quorum = Math.floor(now.length / 2) + 1;
  return [
    {
      severity: 'error',
      check: 'etcd-members',
      message: `etcd has ${count(now.length)} (${now.join(', ')}), whose quorum is ${quorum}; the file names ${names.length} (${names.join(', ')})`,
      remedy: 'leave the hosts of role etcd as they were: up does not yet add members to an etcd that has data, nor remove any',
    },
  ];
}

/** A member whose disk was emptied must not come back under its old name: etcd would count a vote of it that it has forgotten. */
function lostData({ cluster }: Survey, members: readonly Surveyed[]): readonly Finding[] {
  const known = members.find(({ etcdMembers: told = [] }) => told.length > 0)?.etcdMembers ?? [];
  const healthy = known.filter((member) => member.healthy).length;
  const quorum = Math.floor(known.length / 2) + 1;
  return members.flatMap(({ host, etcdState, traces }): readonly Finding[] => {
    const started = known.some((member) => member.name === host.name && member.clientUrl !== '');
    if (!started || etcdState === undefined || etcdState.data.length > 0) return [];
    return [
      {
        severity: 'error',
        host: host.name,
        check: 'etcd-data',
        message: `its etcd member has lost its data${belongs(cluster, traces) ? '' : ' and everything else'}, and the others still count it: ${healthy} of ${known.length} members are healthy, the quorum is ${quorum}, ${Math.max(0, healthy - quorum)} more may fail`,
        remedy: `bring ${etcdDataDirectory} back, or reset the cluster: up does not yet replace members of an etcd that has data`,
      },
    ];
  });
}

function count(members: number): string {
  return members === 1 ? '1 member' : `${members} members`;
}
