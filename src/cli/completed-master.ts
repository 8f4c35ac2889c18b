/** Finds a master to ask the cluster through, with the others dead or not. */

import { kubernetesState } from '../facts/kubernetes-state.ts';
import { type ClusterSpec, masters } from '../model/cluster.ts';
import type { Connect } from '../model/connection.ts';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';

/** The first complete master, in the file's order, that answers; Failure KUBERNETES_UNREACHABLE when there is none. */
export async function completedMasterOf(cluster: ClusterSpec, connect: Connect): Promise<Host> {
  const findings: string[] = [];
  for (const master of masters(cluster)) {
    try {
      const result = await (await connect(master)).run(kubernetesState.argv);
      if (kubernetesState.parse(result).completed) return master;
      findings.push(`${master.name}: Kubernetes is not complete there`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      findings.push(`${master.name}: ${error.message}`);
    }
  }
  throw new Failure('KUBERNETES_UNREACHABLE', 'no master of the cluster could be asked', {
    findings,
    remedy: 'trivet up builds or completes the cluster; trivet status shows the machines',
  });
}
