/** Preflight check: an interface that the file names exists on the machine. */

import type { Check } from '../finding.ts';
import { vipInterface } from '../survey.ts';

export const interfaces: Check = ({ cluster, machines }) =>
  machines.flatMap(({ host, network }) => {
    const wanted = cluster.scheme.vipHosts(cluster).includes(host) ? vipInterface(cluster, host) : undefined;
    // A machine without /sys tells none.
    if (wanted === undefined || network === undefined || network.interfaces.length === 0 || network.interfaces.includes(wanted)) return [];
    return [
      {
        severity: 'error' as const,
        host: host.name,
        check: 'interface',
        message: `there is no network interface ${wanted} (there are: ${network.interfaces.join(', ')})`,
        remedy:
          'name one that exists, for the scheme (spec.scheme.interface) or for the host (interface), or leave it out: it is found then',
      },
    ];
  });
