/** Where a master's own apiserver answers this machine. */

import { kubernetesClient } from '../kubernetes/client.ts';
import type { KubernetesAccess } from '../kubernetes/kubeconfig.ts';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';

export interface ReachedMaster {
  /** The one that answers, else the one by which this machine knows the master. */
  readonly server: string;
  readonly answers: boolean;
}

/** By the address that this machine knows it by, or by the one that the others do: the apiserver may listen on the latter alone. */
export async function reachMaster(
  { address, internalAddress }: Host,
  access: KubernetesAccess,
  signal: AbortSignal,
): Promise<ReachedMaster> {
  const servers = [...new Set([address, internalAddress])].map((each) => `https://${each}:6443`);
  const answers = await Promise.all(servers.map((server) => answersAt(server, access, signal)));
  const at = answers.indexOf(true);
  return { server: servers[Math.max(at, 0)] ?? '', answers: at >= 0 };
}

async function answersAt(server: string, access: KubernetesAccess, signal: AbortSignal): Promise<boolean> {
  const client = kubernetesClient({ ...access, servers: [server] });
  try {
    return (await client.request({ method: 'GET', path: '/livez/ping', timeoutSeconds: 3, signal })).status === 200;
  } catch (error) {
    if (error instanceof Failure && error.code === 'KUBERNETES_UNREACHABLE') return false;
    throw error;
  } finally {
    client.close();
  }
}
