/** Verifies an etcd that the user brings, before anything is changed: from every master, with the given certificates. */

import { foreignEtcdState } from '../facts/foreign-etcd-state.ts';
import { masters } from '../model/cluster.ts';
import type { ReadFact } from '../model/fact.ts';
import type { Finding } from '../phases/preflight/finding.ts';
import { judgeForeignEtcd } from '../phases/preflight/foreign-etcd.ts';
import type { Session } from './with-cluster.ts';

/** Nothing where etcd is the cluster's own. Masters that cannot be reached are preflight's to tell. */
export async function checkForeignEtcd({ cluster, tunnel, signal }: Session, read: ReadFact): Promise<readonly Finding[]> {
  const { certificates } = cluster.etcd;
  if (cluster.etcdOptions.kind !== 'foreign' || certificates === undefined) return [];
  const { askForeignEtcd } = await import('./ask-foreign-etcd.ts');
  const asked = await Promise.allSettled(masters(cluster).map(async (host) => ({ host, state: await read(host, foreignEtcdState) })));
  const reached = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const { endpoints } = cluster.etcdOptions;
  const hosts = reached.map(({ host }) => host);
  const answers = await askForeignEtcd({ hosts, endpoints, certificates, read, tunnel, signal });
  return judgeForeignEtcd(
    cluster,
    cluster.etcdOptions,
    answers,
    reached.map(({ state }) => state),
  );
}
