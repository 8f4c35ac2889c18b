/** Whom the probe `dns` asks, and what for. */

import type { KubernetesClient } from '../../kubernetes/client.ts';
import { Failure } from '../../model/failure.ts';
import type { ProbePlan } from '../probes/probe-plan.ts';
import { apiCalls } from './api-calls.ts';
import { type Patience, until, usualPatience } from './until.ts';

/** `domain`: the cluster's, such as cluster.local. A Failure DRILL_EXERCISE when there is no Service kube-dns. */
export async function clusterDns(
  client: KubernetesClient,
  { domain, signal, patience = usualPatience }: { readonly domain: string; readonly signal: AbortSignal; readonly patience?: Patience },
): Promise<NonNullable<ProbePlan['dns']>> {
  const api = apiCalls(client, signal);
  const remedy = 'kubectl -n kube-system get service kube-dns';
  const service = await until('the API tells the address of DNS', { ...patience, signal, remedy }, async () => ({
    kind: 'so',
    value: await api.get('/api/v1/namespaces/kube-system/services/kube-dns'),
  }));
  const spec = service?.spec;
  const server = typeof spec === 'object' && spec !== null && 'clusterIP' in spec ? spec.clusterIP : undefined;
  if (typeof server !== 'string') {
    throw new Failure('DRILL_EXERCISE', 'this cluster has no DNS to ask: there is no Service kube-system/kube-dns with an address', {
      remedy,
    });
  }
  return { server, name: `kubernetes.default.svc.${domain}` };
}
