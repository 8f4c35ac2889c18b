/** The gate before an apiserver that knows the etcd on its own machine alone. */

import type { Host } from '../../model/host.ts';
import type { Step } from '../../model/step.ts';
import { apiGate, apiGateProgram, apiGateUnit, apiGateUnitName } from '../../render/api-gate.ts';
import { watcherSteps } from './watcher-steps.ts';

const apiserverPort = 6443;

/** None where there is no other master. */
export function gateSteps(host: Host, masters: readonly Host[]): readonly Step[] {
  const peers = masters.filter((master) => master !== host).map(({ internalAddress }) => internalAddress);
  if (peers.length === 0) return [];
  return watcherSteps(host, {
    id: 'gate',
    title: 'shut the apiserver while it is without etcd and another is not',
    program: apiGateProgram,
    script: apiGate({ address: host.internalAddress, port: apiserverPort, peers }),
    unitName: apiGateUnitName,
    unit: apiGateUnit(),
  });
}
