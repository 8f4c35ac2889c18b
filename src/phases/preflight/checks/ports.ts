/** Preflight check: nobody else listens on Kubernetes' ports. */

import { type Check, unlessIgnored } from '../finding.ts';
import { belongs } from '../survey.ts';

export const ports: Check = ({ cluster, machines }) =>
  machines
    .filter(({ traces }) => !belongs(cluster, traces))
    .flatMap(({ host, listeners = [] }) =>
      [...new Set(listeners.map(({ port }) => port))].map((port) => {
        const names = new Set(listeners.flatMap((listener) => (listener.port === port ? (listener.process ?? []) : [])));
        const by = names.size === 0 ? '' : ` by ${[...names].join(', ')}`;
        return {
          severity: unlessIgnored(cluster, `Port-${port}`),
          host: host.name,
          check: 'ports',
          message: `TCP port ${port} is in use${by}`,
          remedy: 'stop that service, or move it to another port: Kubernetes needs this one',
        };
      }),
    );
