/** The kernel's own load balancer, IPVS, through ipvsadm. */

import { Failure } from '../../../model/failure.ts';
import { type Address, addressText } from '../../address.ts';
import { openFlowCutter } from '../cut-flows.ts';
import type { Dataplane, DataplaneInput, Table } from '../dataplane.ts';
import { countEstablished, type Flow, parseIpvsConnections } from '../flows.ts';
import { lastWords, programOutput, runIfInstalled, runProgram } from '../run-program.ts';
import { nftFamily, serviceName } from '../service-names.ts';
import { ensureSysctls } from '../sysctl.ts';
import { ensureLinkWithAddress } from '../vip-address.ts';
import { chooseRoute, ensureRoute, type VipRoute } from '../vip-route.ts';
import { parseRules } from './parse-rules.ts';
import { reconcile } from './reconcile.ts';
import { renderMasquerade } from './render-masquerade.ts';

/** With the first: a packet of a connection whose backend was removed ends it, and does not vanish. With the second: nft sees IPVS's connections. */
const settings = { 'net.ipv4.vs.expire_nodest_conn': '1' } as const;
const linkSettings = { ...settings, 'net.ipv4.vs.conntrack': '1' } as const;

/** Changes nothing yet: apply does. */
export function openIpvs(input: DataplaneInput): Dataplane {
  const { service, scheduler } = input;
  const cutter = openFlowCutter(input);
  let route: VipRoute | undefined;
  let masqueraded = false;

  return {
    kind: 'ipvs',
    detail: `ipvs, ${addressText(service)} ${scheduler}`,
    // In a table that rejects, no target has a weight: IPVS refuses new connections by itself, and the virtual server stays.
    apply: async (table) => {
      const rules = await applyRules({ service, scheduler, table });
      return [...rules, ...(await ensureSysctls(input, input.mode === 'link' ? linkSettings : settings)), ...(await applyWay(table))];
    },
    cut: async (backend) => {
      const name = addressText(backend);
      const flows = (await connectionsOf(service)).filter((flow) => addressText(flow.backend) === name);
      if (flows.length === 0) return 0;
      await cutter.endClients(flows);
      if (input.mode === 'link') await cutter.forget(backend);
      return flows.length;
    },
    connections: async () => countEstablished(await connectionsOf(service)),
    close: async () => undefined,
  };

  async function applyWay({ targets }: Table): Promise<readonly string[]> {
    if (input.mode === 'link') {
      const link = await ensureLinkWithAddress(input);
      const table = await ensureMasquerade(input, masqueraded);
      masqueraded = true;
      return [...link, ...table];
    }
    const backends = targets.map(({ address }) => address);
    if (backends.length > 0) route = await chooseRoute(backends, input.nodeIp);
    return route === undefined ? [] : ensureRoute(service, route);
  }
}

async function applyRules({
  service,
  scheduler,
  table,
}: {
  readonly service: Address;
  readonly scheduler: string;
  readonly table: Table;
}): Promise<readonly string[]> {
  const targets = table.kind === 'serve' ? table.targets : table.targets.map((target) => ({ ...target, weight: 0 }));
  const now = parseRules(await programOutput(['ipvsadm', '-S', '-n']), service);
  const lines = reconcile({ service, scheduler, targets, now });
  if (lines.length === 0) return [];
  const result = await runProgram(['ipvsadm', '-R'], `${lines.join('\n')}\n`);
  if (result.code !== 0) throw new Failure('CARE_DATAPLANE', `ipvsadm refused the rules of ${addressText(service)}: ${lastWords(result)}`);
  return lines.map((line) => `ipvsadm ${line}`);
}

/** `made`: by this process; what is there otherwise may be another kind's table. */
async function ensureMasquerade({ service, masqueradeBit }: DataplaneInput, made: boolean): Promise<readonly string[]> {
  const family = nftFamily(service);
  const name = serviceName(service);
  if (made && (await runIfInstalled(['nft', 'list', 'table', family, name]))?.code === 0) return [];
  const done = await runIfInstalled(['nft', '-f', '-'], `${renderMasquerade(service, masqueradeBit)}\n`);
  if (done?.code === 0) return [`table ${family} ${name}: masquerade`];
  throw new Failure(
    'CARE_DATAPLANE',
    `mode link needs nft to masquerade: ${done === undefined ? 'nft is not installed' : lastWords(done)}`,
    {
      remedy: 'Install nftables, or take the other mode: --mode route',
    },
  );
}

async function connectionsOf(service: Address): Promise<readonly Flow[]> {
  return parseIpvsConnections(await programOutput(['ipvsadm', '-L', '-n', '-c']), service);
}
