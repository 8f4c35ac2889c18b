/** How the cluster that has just been built is used: where its API is, for whom. */

import { type Cluster, masters } from '../model/cluster.ts';

/** The first line ends the report of the run; the others say what to do with it. */
export function endpointLines(cluster: Cluster): readonly string[] {
  const { address, port } = cluster.endpoint;
  const url = `https://${address}:${port}`;
  const client = 'for kubectl: trivet kubeconfig > ~/.kube/config; for a look at everything: trivet status';
  switch (cluster.schemeOptions.kind) {
    case 'vip-on-masters':
    case 'external-pair':
      return [`the API is at ${url}`, client];
    case 'external':
      return [
        `the API is at ${url}, your own load balancer`,
        client,
        'when the masters change, change them there too: trivet leaves that balancer alone',
      ];
    case 'local-proxy':
    case 'local-care':
      return [
        `on each node the API is at ${url}`,
        `from outside it is at each master: ${directEndpoints(cluster).join(', ')}`,
        `${client} (a context for each master)`,
      ];
  }
}

/** Where clients outside find the API when the endpoint is each node's own. */
export function directEndpoints(cluster: Cluster): readonly string[] {
  return masters(cluster).map((master) => `https://${master.address}:6443`);
}
