/** The kernel's own load balancer, IPVS, through ipvsadm. */

import { Failure } from '../../../model/failure.ts';
import { type Address, addressText } from '../../address.ts';
import { openFlowCutter } from '../cut-flows.ts';
import type { Dataplane, DataplaneInput, Table } from '../dataplane.ts';
import { countEstablished, type Flow, parseIpvsConnections } from '../flows.ts';
import { lastWords, programOutput, runProgram } from '../run-program.ts';
import { ensureSysctls } from '../sysctl.ts';
import { ensureLinkWithAddress } from '../vip-address.ts';
import { chooseRoute, ensureRoute, loopedRoute, type VipRoute } from '../vip-route.ts';
import { ipvsTable } from './ipvs-table.ts';
import { parseRules } from './parse-rules.ts';
import { reconcile } from './reconcile.ts';

/** With the first, connections of a backend that was removed end; with the second, nft sees IPVS's connections. */
const settings = { 'net.ipv4.vs.expire_nodest_conn': '1' } as const;
const linkSettings = { ...settings, 'net.ipv4.vs.conntrack': '1' } as const;

/** Changes nothing yet: apply does. */
export function openIpvs(input: DataplaneInput): Dataplane {
  const { service, scheduler } = input;
  const cutter = openFlowCutter(input);
  const table = ipvsTable(input);
  // The kernel forgets the connections of a removed backend at once: who they were must be asked before.
  const removedFlows = new Map<string, readonly Flow[]>();
  let route: VipRoute | undefined;

  const applyRules = async (wanted: Table): Promise<readonly string[]> => {
    const targets = wanted.kind === 'serve' ? wanted.targets : wanted.targets.map((target) => ({ ...target, weight: 0 }));
    const now = parseRules(await programOutput(['ipvsadm', '-S', '-n']), service);
    const lines = reconcile({ service, scheduler, targets, now });
    if (lines.length === 0) return [];
    if (lines.some((line) => line.startsWith('-d '))) await remember(targets.map(({ address }) => addressText(address)));
    const result = await runProgram(['ipvsadm', '-R'], `${lines.join('\n')}\n`);
    if (result.code !== 0)
      throw new Failure('CARE_DATAPLANE', `ipvsadm refused the rules of ${addressText(service)}: ${lastWords(result)}`);
    return lines.map((line) => `ipvsadm ${line}`);
  };

  const remember = async (staying: readonly string[]): Promise<void> => {
    removedFlows.clear();
    for (const [name, flows] of Map.groupBy(await connectionsOf(service), ({ backend }) => addressText(backend)))
      if (!staying.includes(name)) removedFlows.set(name, flows);
  };

  const applyWay = async ({ targets }: Table): Promise<readonly string[]> => {
    if (input.mode === 'link') return ensureLinkWithAddress(input);
    const backends = targets.map(({ address }) => address);
    if (backends.length > 0) route = loopedRoute(await chooseRoute(backends, input.nodeIp), service.family);
    return route === undefined ? [] : ensureRoute(service, route);
  };

  return {
    kind: 'ipvs',
    detail: `ipvs, ${addressText(service)} ${scheduler}`,
    apply: async (wanted) => {
      const refuses = wanted.kind === 'reject';
      // Refused first: between the last real server's removal and the refusal a new connection would wait.
      const refusal = refuses ? await table.make(true) : [];
      const rules = await applyRules(wanted);
      const accepted = refuses ? [] : await table.make(false);
      const set = await ensureSysctls(input, input.mode === 'link' ? linkSettings : settings);
      return [...refusal, ...rules, ...accepted, ...set, ...(await applyWay(wanted))];
    },
    cut: async (backend) => {
      const name = addressText(backend);
      const listed = (await connectionsOf(service)).filter((flow) => addressText(flow.backend) === name);
      const flows = [...(removedFlows.get(name) ?? []), ...listed];
      removedFlows.delete(name);
      if (flows.length === 0) return 0;
      await cutter.endClients(flows);
      if (input.mode === 'link') await cutter.forget(backend);
      return countEstablished(flows).get(name) ?? 0;
    },
    connections: async () => countEstablished(await connectionsOf(service)),
    close: async () => undefined,
  };
}

async function connectionsOf(service: Address): Promise<readonly Flow[]> {
  return parseIpvsConnections(await programOutput(['ipvsadm', '-L', '-n', '-c']), service);
}
