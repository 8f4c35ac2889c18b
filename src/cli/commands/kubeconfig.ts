/** trivet kubeconfig: the admin's kubeconfig with the endpoint's address, on standard output. */

import { Failure } from '../../model/failure.ts';
import type { ClusterOptions } from '../cluster-options.ts';
import { completedMasterOf } from '../completed-master.ts';
import { withCluster } from '../with-cluster.ts';

export async function kubeconfig(options: ClusterOptions): Promise<void> {
  await withCluster(options, { bundle: false }, async ({ cluster, connect }) => {
    const master = await completedMasterOf(cluster, connect);
    const text = await (await connect(master)).read('/etc/kubernetes/admin.conf');
    if (text === undefined) {
      throw new Failure('KUBERNETES', 'there is no admin kubeconfig on that master', { host: master.name, remedy: 'trivet up' });
    }
    process.stdout.write(pointAt(text, `https://${cluster.endpoint.address}:${cluster.endpoint.port}`));
  });
}

/** The operator's machine need not know the endpoint's domain: the address is in the certificate too. */
export function pointAt(text: string, server: string): string {
  return text.replace(/^(\s*server:\s*)\S+$/m, `$1${server}`);
}
