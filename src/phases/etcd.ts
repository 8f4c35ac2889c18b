/** Phases: an external etcd, part after part, before any master begins; with a stacked one only the watcher of its connections. */

import type { EtcdPart } from '../model/etcd-topology.ts';
import type { Phase } from '../model/phase.ts';

function part(name: EtcdPart, about: Pick<Phase, 'summary' | 'usualSeconds' | 'order'>): Phase {
  return {
    name: `etcd-${name}`,
    ...about,
    hosts: (cluster) => cluster.etcd.hosts(cluster, name),
    plan: (input) => input.cluster.etcd.plan({ ...input, part: name }),
  };
}

export const etcdAuthority = part('authority', { summary: 'external etcd: its user and its CA', usualSeconds: 3, order: 'parallel' });

export const etcdCertificates = part('certificates', {
  summary: 'external etcd: certificates for every member',
  usualSeconds: 5,
  order: 'parallel',
});

/** One by one: two members that restart together may be the quorum. */
export const etcdMembers = part('members', { summary: 'external etcd: its members run', usualSeconds: 5, order: 'one-by-one' });

export const etcdAccess = part('access', {
  summary: 'etcd’s members and its clients hear of machines that are gone; an external one answers, and the masters may ask it',
  usualSeconds: 3,
  order: 'parallel',
});
