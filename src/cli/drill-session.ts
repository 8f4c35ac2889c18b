/** What a drill is given: the admin's way in, the program for the machines, the lab's power switches, a look at the whole cluster. */

import { join } from 'node:path';
import { careExecutable } from '../bundle/care-executable.ts';
import type { DrillContext } from '../drill/run/context.ts';
import { kubernetesClient } from '../kubernetes/client.ts';
import { type KubernetesAccess, readKubeconfig } from '../kubernetes/kubeconfig.ts';
import { labPower } from '../lab/drill-power.ts';
import { stateDirectory } from '../local/directories.ts';
import { type Cluster, masters } from '../model/cluster.ts';
import { Failure } from '../model/failure.ts';
import { clusterStatus } from '../status/cluster-status.ts';
import { gatherStatus } from '../status/gather-status.ts';
import { completedMasterOf } from './completed-master.ts';
import { reachMaster } from './reach-master.ts';
import { version } from './version.ts';
import type { Session } from './with-cluster.ts';

/** What is needed to look at the cluster and to choose. */
export function drillSurroundings({ cluster, connect, emit }: Pick<Session, 'cluster' | 'connect' | 'emit'>) {
  return {
    cluster,
    connect,
    look: async () => clusterStatus(cluster, await gatherStatus(cluster, connect)),
    power: cluster.lab === undefined ? undefined : labPower(cluster.lab, { emit }),
  };
}

/** A Failure DRILL_REFUSED when there is no way in. */
export async function drillContext(session: Session): Promise<DrillContext> {
  const { emit, signal, tunnel } = session;
  const [access, program] = [await adminAccess(session), await careExecutable({ emit, signal })];
  return {
    ...drillSurroundings(session),
    tunnel,
    access,
    program,
    emit,
    signal,
    recordings: join(stateDirectory(), 'recordings'),
    trivet: version,
  };
}

async function adminAccess({ cluster, connect, signal }: Session): Promise<KubernetesAccess> {
  const master = await completedMasterOf(cluster, connect);
  const text = await (await connect(master)).read('/etc/kubernetes/admin.conf');
  if (text === undefined) {
    throw new Failure('DRILL_REFUSED', `there is no admin kubeconfig on ${master.name}, so that no drill can be run`, {
      host: master.name,
      remedy: 'trivet up',
    });
  }
  const access = { ...readKubeconfig(text), serverName: cluster.endpoint.domain };
  const found = await Promise.all(masters(cluster).map((host) => reachMaster(host, access, signal)));
  if (!found.some(({ answers }) => answers)) {
    throw new Failure('DRILL_REFUSED', 'no apiserver answers this machine, so that no client could be measured from here', {
      findings: found.map(({ server }) => server),
      remedy: 'run it on a machine that reaches port 6443 of the masters',
    });
  }
  await mayAdminister(cluster, { ...access, servers: found.filter(({ answers }) => answers).map(({ server }) => server) }, signal);
  return { ...access, servers: found.map(({ server }) => server) };
}

async function mayAdminister(cluster: Cluster, access: KubernetesAccess, signal: AbortSignal): Promise<void> {
  const client = kubernetesClient(access);
  try {
    const { status } = await client.request({ method: 'GET', path: '/api/v1/namespaces?limit=1', signal });
    if (status < 300) return;
    throw new Failure(
      'DRILL_REFUSED',
      `the admin of ${cluster.name} may not list namespaces (status ${status}), so that no drill can be run`,
      {
        remedy:
          'on a master: kubeadm init phase kubeconfig admin writes the kubeconfig anew, once /etc/kubernetes/admin.conf is moved away',
      },
    );
  } finally {
    client.close();
  }
}
