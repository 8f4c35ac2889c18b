/** New connections to the virtual address from the node, one every 20 ms. */

import { type RunningProbes, startProbes } from '../../src/drill/probes/start-probes.ts';
import { inNetworkOf } from './care-backend.ts';
import { type CareLab, careNode, careVip, httpsPort } from './care-lab.ts';

export const everyMs = 20;

export function probeVip({ lab, certificates }: CareLab, timeoutMs: number): RunningProbes {
  const { ca, cert, key } = certificates;
  const api = { endpoints: [{ address: careVip, port: httpsPort }], ca, cert, key };
  const unused = { namespace: 'none', run: 'none' };
  const plan = { from: careNode, api, probes: ['new connections'] as const, everyMs, timeoutMs, maximumSeconds: 3600, ...unused };
  return startProbes(plan, inNetworkOf(lab.name, careNode));
}
