/** What is left before a master may begin: every member answers, and the masters have what they need to ask them. */

import { etcdAuthority, etcdClient } from '../../facts/etcd-authority.ts';
import { etcdctl } from '../../facts/etcd-members.ts';
import { etcdHosts, masters } from '../../model/cluster.ts';
import type { EtcdInput } from '../../model/etcd-topology.ts';
import { Secret } from '../../model/secret.ts';
import type { Step } from '../../model/step.ts';
import { clientFileSteps } from '../parts/client-files.ts';
import { gateSteps } from '../parts/gate-steps.ts';
import { watchSteps } from '../parts/watch-steps.ts';
import { authorityHost } from './certificate-steps.ts';
import { memberAnswers } from './member-steps.ts';

export async function accessSteps({ cluster, host, read }: EtcdInput): Promise<readonly Step[]> {
  const isMember = host.roles.includes('etcd');
  const member = isMember ? [memberAnswers('etcd-access', host)] : [];
  if (!host.roles.includes('master')) return [...member, ...watchSteps(host, etcdHosts(cluster), 'member')];
  const from = await authorityHost(cluster, read);
  // undefined: a dry run of a cluster that does not exist yet.
  const [ca, client] = from === undefined ? [] : await Promise.all([read(from, etcdAuthority), read(from, etcdClient)]);
  const access = cluster.etcd.access(cluster, host);
  const local = access.endpoints.every((endpoint) => endpoint.includes('127.0.0.1'));
  return [
    ...member,
    ...clientFileSteps(host, access, {
      ca: ca?.certificate ?? '',
      certificate: client?.certificate ?? '',
      key: client?.key ?? new Secret('made when needed'),
    }),
    ...(local && !isMember ? [] : watchSteps(host, etcdHosts(cluster), local ? 'member' : 'client')),
    ...(local ? gateSteps(host, masters(cluster)) : []),
    {
      id: 'etcd-access/quorum',
      host: host.name,
      title: 'wait until etcd serves this master',
      action: {
        kind: 'wait',
        argv: ['sh', '-c', `${etcdctl(access)} --command-timeout=3s get /registry/ --prefix --limit=1 --keys-only`],
        everySeconds: 0.3,
        deadlineSeconds: 120,
        hint: 'does TCP 2379 of the etcd machines answer from this master? journalctl -u trivet-etcd there',
      },
    },
  ];
}
