/** Preflight check: the machines reach one another at their internal addresses. */

import type { Check, Finding } from '../finding.ts';

export const reach: Check = ({ machines }) =>
  machines.flatMap(({ host, reach = [] }) =>
    reach.flatMap((target): readonly Finding[] => {
      const other = machines.find((machine) => machine.host.internalAddress === target.address)?.host;
      // One that was not surveyed has its own finding; behind a port forwarding, the port inside is another one.
      if (other === undefined || target.outcome === 'open') return [];
      if (target.outcome === 'refused' && other.address !== other.internalAddress) return [];
      const what = target.outcome === 'refused' ? 'refuses' : 'does not answer';
      return [
        {
          severity: 'warning',
          host: host.name,
          check: 'reach',
          message: `${other.name} ${what} at ${target.address}:${target.port}, its SSH port, when asked from here`,
          remedy: "see firewalls and the hosts' internalAddress: the machines must reach each other's ports 6443, 2379, 2380 and 10250",
        },
      ];
    }),
  );
