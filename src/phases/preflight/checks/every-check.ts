/** All of preflight's judgements, in the order in which their findings are shown. */

import type { Check } from '../finding.ts';
import { capacity } from './capacity.ts';
import { clocks } from './clocks.ts';
import { duplicates } from './duplicates.ts';
import { endpointDomain } from './endpoint-domain.ts';
import { etcdMembers } from './etcd-members.ts';
import { etcdTopology } from './etcd-topology.ts';
import { externalEndpoint } from './external-endpoint.ts';
import { interfaces } from './interfaces.ts';
import { internalAddress } from './internal-address.ts';
import { kernel } from './kernel.ts';
import { leftovers } from './leftovers.ts';
import { operatingSystem } from './operating-system.ts';
import { ownKeepalived } from './own-keepalived.ts';
import { ports } from './ports.ts';
import { programs } from './programs.ts';
import { reach } from './reach.ts';
import { sameCluster } from './same-cluster.ts';
import { schemeChange } from './scheme-change.ts';
import { swap } from './swap.ts';
import { sysctls } from './sysctls.ts';
import { vip } from './vip.ts';
import { virtualRouterId } from './virtual-router-id.ts';

export const everyCheck: readonly Check[] = [
  leftovers,
  sameCluster,
  etcdTopology,
  etcdMembers,
  schemeChange,
  operatingSystem,
  programs,
  kernel,
  sysctls,
  swap,
  ports,
  capacity,
  clocks,
  duplicates,
  internalAddress,
  interfaces,
  vip,
  virtualRouterId,
  ownKeepalived,
  endpointDomain,
  externalEndpoint,
  reach,
];
