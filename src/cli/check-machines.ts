/** Runs preflight over all machines and refuses with everything that was found. */

import { kubernetesState } from '../facts/kubernetes-state.ts';
import { masters } from '../model/cluster.ts';
import type { ReadFact } from '../model/fact.ts';
import { Failure } from '../model/failure.ts';
import { formatFindings } from '../phases/preflight/format-findings.ts';
import { preflight } from '../phases/preflight/preflight.ts';
import { checkForeignEtcd } from './check-foreign-etcd.ts';
import type { Session } from './with-cluster.ts';

/** Failure PREFLIGHT (or FOREIGN_CLUSTER, or the one Failure of the only unreachable host); warnings become events. */
export async function checkMachines(session: Session): Promise<void> {
  const { cluster, connect, emit, signal } = session;
  const read: ReadFact = async (host, fact) => {
    const connection = await connect(host, signal);
    const options = { timeoutSeconds: fact.timeoutSeconds ?? 30, signal, ...(fact.stdin === undefined ? {} : { stdin: fact.stdin }) };
    return fact.parse(await connection.run(fact.argv, options));
  };
  emit({ kind: 'progress', task: 'preflight', message: `looking at ${cluster.hosts.length} machines`, usualSeconds: 3 });
  const existing = await isUp(cluster, read);
  const [{ findings: looked }, etcd] = await Promise.all([
    preflight({ cluster, read, now: () => Date.now(), existing }),
    checkForeignEtcd(session, read),
  ]);
  const findings = [...looked, ...etcd];
  signal.throwIfAborted();
  for (const finding of findings.filter((candidate) => candidate.severity === 'warning')) {
    emit({ kind: 'warning', message: finding.message, ...(finding.host === undefined ? {} : { host: finding.host }) });
  }
  const errors = findings.filter((finding) => finding.severity === 'error');
  if (errors.length === 0) return;
  const foreign = errors.every((finding) => finding.check === 'foreign-cluster');
  throw new Failure(
    foreign ? 'FOREIGN_CLUSTER' : 'PREFLIGHT',
    `${errors.length} ${errors.length === 1 ? 'thing is' : 'things are'} in the way; nothing was changed`,
    {
      findings: formatFindings(errors),
      remedy: 'mend what is listed, then run the same command again',
    },
  );
}

/** Whether all masters carry this cluster already: then the slow looks around (VRRP on the wire) are spared. */
async function isUp(cluster: Session['cluster'], read: ReadFact): Promise<boolean> {
  const states = await Promise.allSettled(masters(cluster).map((master) => read(master, kubernetesState)));
  return states.every((state) => state.status === 'fulfilled' && state.value.completed);
}
