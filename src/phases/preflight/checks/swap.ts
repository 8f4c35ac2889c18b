/** Preflight check: no swap, which the kubelet refuses by default. */

import { type Check, unlessIgnored } from '../finding.ts';
import { isNode } from '../survey.ts';

export const swap: Check = ({ cluster, machines }) => {
  if (cluster.kubernetes.kubeadm.kubelet.failSwapOn === false) return [];
  return machines
    .filter(({ host, capacity }) => isNode(host) && (capacity?.swaps.length ?? 0) > 0)
    .map(({ host, capacity }) => ({
      severity: unlessIgnored(cluster, 'Swap'),
      host: host.name,
      check: 'swap',
      message: `swap is on (${capacity?.swaps.join(', ')}): the kubelet does not start`,
      remedy: "swapoff -a, and take the swap lines out of /etc/fstab; or set the kubelet's failSwapOn to false in the cluster file",
    }));
};
