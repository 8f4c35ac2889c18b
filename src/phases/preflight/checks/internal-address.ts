/** Preflight check: a machine really has the address that the others are to reach it at. */

import type { Check } from '../finding.ts';

export const internalAddress: Check = ({ machines }) =>
  machines
    .filter(({ host, network }) => network !== undefined && !network.addresses.includes(host.internalAddress))
    .map(({ host, network }) => ({
      severity: 'error',
      host: host.name,
      check: 'internal-address',
      message: `the machine does not have the address ${host.internalAddress} (it has ${network?.addresses.join(', ') || 'none'})`,
      remedy: "set the host's internalAddress in the cluster file to an address on one of its interfaces",
    }));
