/** trivet kubeconfig: the admin's kubeconfig for the endpoint, or for each master, on standard output. */

import { readKubeconfig } from '../../kubernetes/kubeconfig.ts';
import { type Cluster, masters } from '../../model/cluster.ts';
import { Failure } from '../../model/failure.ts';
import type { Host } from '../../model/host.ts';
import type { ClusterOptions } from '../cluster-options.ts';
import { completedMasterOf } from '../completed-master.ts';
import { masterContexts } from '../master-contexts.ts';
import { reachMaster } from '../reach-master.ts';
import { withCluster } from '../with-cluster.ts';

export async function kubeconfig(options: ClusterOptions): Promise<void> {
  await withCluster(options, { bundle: false }, async ({ cluster, connect, signal }) => {
    const master = await completedMasterOf(cluster, connect);
    const text = await (await connect(master)).read('/etc/kubernetes/admin.conf');
    if (text === undefined) {
      throw new Failure('KUBERNETES', 'there is no admin kubeconfig on that master', { host: master.name, remedy: 'trivet up' });
    }
    process.stdout.write(
      cluster.scheme.nodeLocal
        ? await forEachMaster(cluster, text, master, signal)
        : pointAt(text, `https://${cluster.endpoint.address}:${cluster.endpoint.port}`),
    );
  });
}

/** The operator's machine need not know the endpoint's domain: the address is in the certificate too. */
export function pointAt(text: string, server: string): string {
  return text.replace(/^(\s*server:\s*)\S+$/m, `$1${server}`);
}

/** The endpoint is each machine's own there. The current context is the first master that answers from here; `known` when none does. */
async function forEachMaster(cluster: Cluster, text: string, known: Host, signal: AbortSignal): Promise<string> {
  const access = { ...readKubeconfig(text), serverName: cluster.endpoint.domain };
  const found = await Promise.all(
    masters(cluster).map(async (master) => ({ master: master.name, ...(await reachMaster(master, access, signal)) })),
  );
  const current = found.find(({ answers }) => answers)?.master ?? known.name;
  return masterContexts({ text, cluster: cluster.name, serverName: cluster.endpoint.domain, masters: found, current });
}
