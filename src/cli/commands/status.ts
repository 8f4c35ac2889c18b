/** trivet status: each machine, the nodes, etcd's members and quorum, who keeps the endpoint, who leads. */

import { clusterStatus } from '../../status/cluster-status.ts';
import { gatherStatus } from '../../status/gather-status.ts';
import type { ClusterOptions } from '../cluster-options.ts';
import { statusText } from '../status-text.ts';
import { withCluster } from '../with-cluster.ts';

export async function status(options: ClusterOptions & { readonly output?: 'text' | 'json' }): Promise<void> {
  await withCluster(options, { bundle: false }, async ({ cluster, connect }) => {
    const found = clusterStatus(cluster, await gatherStatus(cluster, connect));
    process.stdout.write(options.output === 'json' ? `${JSON.stringify(found, null, 2)}\n` : statusText(found));
    if (!found.healthy) process.exitCode = 1;
  });
}
