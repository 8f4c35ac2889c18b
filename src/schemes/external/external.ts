/** The scheme external: an address that the user's own load balancer keeps. trivet puts nothing anywhere for it. */

import type { External } from '../../model/cluster.ts';
import type { Scheme } from '../../model/scheme.ts';

export function external(_options: External): Scheme<External> {
  return {
    name: 'external',
    variant: 'external',
    summary: 'a load balancer of your own keeps the address; trivet checks it and leaves it alone',
    // What it survives is up to the balancer; a dead machine it must survive to be one.
    survives: ['machine-power-off', 'apiserver-killed'],
    costs: ['a load balancer that is itself highly available, kept and changed by you when the masters change'],
    packages: () => [],
    certificateNames: () => [],
    ports: () => [],
    apiserverBindAddress: () => undefined,
    nodeLocal: false,
    whereToLook: 'does your load balancer reach port 6443 of every master? trivet endpoint check asks from every node',
    vipHosts: () => [],
    hosts: () => [],
    plan: async () => [],
  };
}
