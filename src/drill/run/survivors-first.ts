/** In which order a drill's own client asks the apiservers. */

import type { KubernetesAccess } from '../../kubernetes/kubeconfig.ts';
import type { Host } from '../../model/host.ts';

/** Those of the victims last: each request would wait for them first. */
export function survivorsFirst(access: KubernetesAccess, victims: readonly Pick<Host, 'address' | 'internalAddress'>[]): KubernetesAccess {
  const last = new Set(victims.flatMap(({ address, internalAddress }) => [address, internalAddress]));
  const isLast = (server: string) => Number(last.has(new URL(server).hostname.replace(/^\[(.*)\]$/, '$1')));
  return { ...access, servers: access.servers.toSorted((a, b) => isLast(a) - isLast(b)) };
}
