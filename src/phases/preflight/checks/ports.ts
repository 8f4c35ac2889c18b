/** Preflight check: nobody else listens on the ports of Kubernetes, etcd and the scheme's balancer. */

import type { Cluster } from '../../../model/cluster.ts';
import type { Host } from '../../../model/host.ts';
import { type Check, unlessIgnored } from '../finding.ts';
import { listeningPorts } from '../listening-ports.ts';
import { belongs } from '../survey.ts';

export const ports: Check = ({ cluster, machines }) =>
  machines
    .filter(({ traces }) => !belongs(cluster, traces))
    .flatMap(({ host, listeners = [] }) =>
      [...new Set(listeners.map(({ port }) => port))].map((port) => {
        const names = new Set(listeners.flatMap((listener) => (listener.port === port ? (listener.process ?? []) : [])));
        const by = names.size === 0 ? '' : ` by ${[...names].join(', ')}`;
        const { of, remedy } = wanted(cluster, host, port);
        return {
          severity: unlessIgnored(cluster, `Port-${port}`),
          host: host.name,
          check: 'ports',
          message: `TCP port ${port} is in use${by}: ${of} will listen there`,
          remedy,
        };
      }),
    );

function wanted(cluster: Cluster, host: Host, port: number): { readonly of: string; readonly remedy: string } {
  const all = listeningPorts(cluster, host).filter((each) => each.port === port);
  const of = [...new Set(all.map((each) => (each.balancer ? `the endpoint’s balancer (${each.of})` : each.of)))].join(' and ');
  const movable = all.every(({ balancer }) => balancer) && !cluster.scheme.nodeLocal;
  const remedy = movable
    ? 'stop that service, or choose another port in the cluster file: spec.controlPlaneEndpoint.port'
    : 'stop that service, or move it to another port: this one cannot be another';
  return { of: of || 'Kubernetes', remedy };
}
