/** LVS on a balancer machine: keepalived's own virtual server, in NAT mode. */

import { type ExternalPair, masters } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import type { SchemeInput } from '../../model/scheme.ts';
import type { Step } from '../../model/step.ts';
import { virtualServer } from '../../render/virtual-server.ts';
import { vipSteps } from '../parts/vip-steps.ts';

export async function lvsSteps(
  input: SchemeInput & { readonly options: ExternalPair; readonly among: readonly Host[] },
): Promise<readonly Step[]> {
  const { cluster } = input;
  const virtualServers = virtualServer({
    address: cluster.endpoint.address,
    port: cluster.endpoint.port,
    backends: masters(cluster).map((master) => ({ name: master.name, address: master.internalAddress, port: 6443 })),
  });
  return vipSteps({ ...input, serves: undefined, virtualServers });
}
