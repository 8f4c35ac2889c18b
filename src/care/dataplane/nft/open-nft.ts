/** The kernel's packet filter as the data plane: each table of ours is one transaction, and goes on working when the daemon is gone. */

import { Failure } from '../../../model/failure.ts';
import { type Address, addressText } from '../../address.ts';
import { openFlowCutter } from '../cut-flows.ts';
import type { Dataplane, DataplaneInput, Table } from '../dataplane.ts';
import { countEstablished } from '../flows.ts';
import { isLoopback, nftFamily, serviceName } from '../service-names.ts';
import { ensureLinkWithAddress } from '../vip-address.ts';
import { chooseRoute, ensureRoute, type VipRoute } from '../vip-route.ts';
import { type NftSession, type NftSessionOptions, openNftSession } from './nft-session.ts';
import { expectedTable, readTable, type SeenTable, sameTexts } from './read-table.ts';
import { renderRules } from './render-rules.ts';
import { renderTransaction } from './transaction.ts';

/** Changes nothing yet: apply does. */
export function openNft(input: DataplaneInput, options: NftSessionOptions = {}): Dataplane {
  const { service, log } = input;
  const fellBack = (why: string) => log('warn', `each change of nft's table takes a process of its own: ${why}`);
  const session = openNftSession({ fellBack, ...options });
  const cutter = openFlowCutter(input);
  const table = nftTable(session, service);
  const told = new Set<string>();
  let route: VipRoute | undefined;

  const applyRules = (wanted: Table) => {
    const mark = input.mode === 'link' ? 2 ** input.masqueradeBit : undefined;
    return table.make(renderRules({ service, table: wanted, nodeIp: input.mode === 'link' ? undefined : route?.nodeIp, mark }));
  };

  return {
    kind: 'nft',
    detail: `nft, table ${nftFamily(service)} ${serviceName(service)}`,
    apply: async (wanted, haste) => {
      warnOfLoopback(wanted, told, input);
      if (haste === 'haste' && route !== undefined) return await applyRules(wanted);
      // The first table needs to know the node's own address; later ones do not wait for a look at the route.
      const way = route === undefined ? await applyWay(wanted) : undefined;
      const rules = await applyRules(wanted);
      if (way !== undefined) return [...way, ...rules];
      const before = route?.nodeIp;
      const wayNow = await applyWay(wanted);
      return [...rules, ...wayNow, ...(route?.nodeIp === before ? [] : await applyRules(wanted))];
    },
    cut: async (backend) => {
      const name = addressText(backend);
      const flows = (await cutter.flows()).filter((flow) => addressText(flow.backend) === name);
      if (flows.length === 0) return 0;
      await cutter.endClients(flows);
      await cutter.forget(backend);
      return countEstablished(flows).get(name) ?? 0;
    },
    connections: async () => countEstablished(await cutter.flows()),
    close: () => session.close(),
  };

  async function applyWay({ targets }: Table): Promise<readonly string[]> {
    if (input.mode === 'link') return ensureLinkWithAddress(input);
    const backends = targets.map(({ address }) => address);
    // With nobody to ask the way to, the route stays as it was.
    if (backends.length > 0) {
      const found = await chooseRoute(backends, input.nodeIp);
      // When this machine's own backend alone is left, the way to the others is as good, and stays.
      if (found.device !== 'lo' || route?.nodeIp !== found.nodeIp) route = found;
    }
    return route === undefined ? [] : ensureRoute(service, route);
  }
}

interface NftTable {
  readonly make: (rules: ReturnType<typeof renderRules>) => Promise<readonly string[]>;
}

function nftTable(session: NftSession, service: Address): NftTable {
  const listing = `list table ${nftFamily(service)} ${serviceName(service)}`;
  // How this nft shows what we wrote, if that differs from what we know: by what should be, what is.
  let shownAs: { readonly expected: SeenTable; readonly seen: SeenTable } | undefined;
  let written = false;

  return {
    make: async (rules) => {
      const expected = expectedTable(rules);
      const before = readTable((await session.ask(listing)).listings[0]);
      const known = shownAs !== undefined && same(shownAs.expected, expected) ? shownAs.seen : expected;
      if (before !== undefined && same(before, known)) return [];
      const kept = before !== undefined && sameTexts(before.frame, known.frame);
      const answer = await session.ask(renderTransaction(rules, kept ? 'rules' : 'table'), listing);
      const after = readTable(answer.listings[0]);
      if (answer.errors !== '' || after === undefined)
        throw new Failure('CARE_DATAPLANE', `nft refused the table of ${addressText(service)}: ${answer.errors.split('\n')[0] ?? ''}`);
      const foreign = written && before === undefined ? 'the table was gone' : undefined;
      written = true;
      if (!same(after, expected)) shownAs = { expected, seen: after };
      return [
        ...(foreign === undefined ? [] : [foreign]),
        `table ${rules.family} ${rules.table}: ${describe(rules)}`,
        ...removed(before, known),
      ];
    },
  };
}

function same(one: SeenTable, other: SeenTable): boolean {
  return sameTexts(one.frame, other.frame) && sameTexts(one.rules, other.rules);
}

function describe({ chains }: ReturnType<typeof renderRules>): string {
  const output = chains.find(({ name }) => name === 'output')?.rules.find(({ text }) => text.includes(' dnat '));
  const to = output?.text.slice(output.text.indexOf(' dnat ') + 1);
  return to ?? 'new connections are refused';
}

/** What was in the frame of the table and does not belong there. */
function removed(before: SeenTable | undefined, known: SeenTable): readonly string[] {
  return (before?.frame ?? []).filter((text) => !known.frame.includes(text)).map((text) => `removed what is not ours: ${text}`);
}

function warnOfLoopback({ targets }: Table, told: Set<string>, { log }: DataplaneInput): void {
  for (const { address } of targets.filter((target) => isLoopback(target.address))) {
    const name = addressText(address);
    if (told.has(name)) continue;
    told.add(name);
    log(
      'warn',
      `${name} can be reached through nft by this machine's own programs only, not from pods: for those take --backend proxy or ipvs`,
    );
  }
}
