/** Preflight check: /etc/hosts does not send the endpoint's name somewhere else. */

import type { Check } from '../finding.ts';

export const endpointDomain: Check = ({ cluster, machines }) => {
  const { domain, address } = cluster.endpoint;
  return machines.flatMap(({ host, hostsFile = [] }) =>
    hostsFile
      .filter((entry) => !entry.ours && entry.address !== address && entry.names.includes(domain))
      .map((entry) => ({
        severity: 'error' as const,
        host: host.name,
        check: 'endpoint-domain',
        message: `/etc/hosts has ${domain} at ${entry.address}, not at ${address}`,
        remedy: 'take that line out of /etc/hosts: trivet writes its own',
      })),
  );
};
