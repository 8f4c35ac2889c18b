/** LVS on a balancer machine: keepalived's own virtual server, in NAT mode. */

import { type ExternalPair, masters } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import type { SchemeInput } from '../../model/scheme.ts';
import type { Step } from '../../model/step.ts';
import { lvsUnit } from '../../render/systemd.ts';
import { lvsRules, lvsSetup, lvsTable, virtualServer } from '../../render/virtual-server.ts';
import { fileStep, serviceStep } from '../parts/scheme-steps.ts';
import { vipInterface, vipSteps } from '../parts/vip-steps.ts';

const setupProgram = '/usr/local/lib/trivet/lvs-setup';
const rulesPath = '/etc/trivet/lvs.nft';
const unit = 'trivet-lvs.service';

/** keepalived itself asks the masters, so there is nothing to watch here: the machine being up is enough. */
export async function lvsSteps(
  input: SchemeInput & { readonly options: ExternalPair; readonly among: readonly Host[] },
): Promise<readonly Step[]> {
  const { cluster, host, options, read } = input;
  const server = {
    address: cluster.endpoint.address,
    port: cluster.endpoint.port,
    backends: masters(cluster).map((master) => ({ name: master.name, address: master.internalAddress, port: 6443 })),
  };
  const setup = lvsSetup(await vipInterface(cluster, options, host, read), rulesPath);
  return [
    fileStep(host, 'lvs-rules', rulesPath, lvsRules(server), { restarts: unit }),
    fileStep(host, 'lvs-setup', setupProgram, setup, { mode: 0o755, restarts: unit }),
    fileStep(host, 'lvs-unit', `/etc/systemd/system/${unit}`, lvsUnit(setupProgram, lvsTable), { restarts: unit }),
    serviceStep(host, unit, 'prepare the kernel for the virtual server'),
    ...(await vipSteps({ ...input, serves: undefined, virtualServers: virtualServer(server) })),
  ];
}
