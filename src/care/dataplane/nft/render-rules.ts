/** What nft's table of one virtual server should hold, as text for nft and as the JSON in which nft shows it again: pure. */

import type { Address } from '../../address.ts';
import type { Table } from '../dataplane.ts';
import { isLoopback, nftFamily, serviceName } from '../service-names.ts';

export interface NftInput {
  readonly service: Address;
  readonly table: Table;
  /** The source that local connections to the VIP have by its route; others are masqueraded. undefined: all are (mode link). */
  readonly nodeIp: string | undefined;
  /** Set on connections in mode link, as lvscare does; undefined: none. */
  readonly mark: number | undefined;
}

export interface NftRule {
  readonly text: string;
  /** `expr` of `nft -j list table`. */
  readonly shown: readonly unknown[];
}

export interface NftChain {
  readonly name: string;
  readonly type: 'nat' | 'filter';
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
  readonly priority: number;
  readonly rules: readonly NftRule[];
}

export interface NftRules {
  readonly family: 'ip' | 'ip6';
  readonly table: string;
  readonly chains: readonly NftChain[];
}

/** Before kube-proxy's (-100), behind its filters (-110); refusals before anything translates. */
const translate = -105;
const refuse = -150;
const source = 100;

export function renderRules(input: NftInput): NftRules {
  const { service, table } = input;
  const serving = table.kind === 'serve' ? table.targets.filter(({ weight }) => weight > 0).map(({ address }) => address) : [];
  // A connection that comes from another namespace or machine cannot be handed to a loopback address.
  const reachable = serving.filter((address) => !isLoopback(address));
  const marked = input.mark === undefined ? [] : [setMark(service, input.mark)];
  const chain = (name: string, type: NftChain['type'], hook: NftChain['hook'], priority: number, rules: readonly NftRule[]) =>
    ({ name, type, hook, priority, rules }) as const;
  const refusedHere = serving.length === 0 ? [refusal(service)] : [];
  const refusedBeyond = reachable.length === 0 ? [refusal(service)] : [];
  return {
    family: nftFamily(service),
    table: serviceName(service),
    chains: [
      chain('output', 'nat', 'output', translate, [...marked, ...destination(service, serving)]),
      chain('prerouting', 'nat', 'prerouting', translate, [...marked, ...destination(service, reachable)]),
      chain('postrouting', 'nat', 'postrouting', source, [masquerade(service, input.nodeIp)]),
      chain('refuse-output', 'filter', 'output', refuse, refusedHere),
      // With the VIP on an interface of the machine (mode link), both its own and others' connections come in here.
      chain('refuse-input', 'filter', 'input', refuse, refusedHere),
      chain('refuse-forward', 'filter', 'forward', refuse, refusedBeyond),
    ],
  };
}

function match(left: unknown, right: unknown, op = '=='): unknown {
  return { match: { op, left, right } };
}

function arriving(service: Address): NftRule {
  const family = nftFamily(service);
  return {
    text: `${family} daddr ${service.ip} tcp dport ${service.port}`,
    shown: [
      match({ payload: { protocol: family, field: 'daddr' } }, service.ip),
      match({ payload: { protocol: 'tcp', field: 'dport' } }, service.port),
    ],
  };
}

/** Connections that were made to the virtual server, whatever their destination is by now. */
function madeTo(service: Address): NftRule {
  const family = nftFamily(service);
  return {
    text: `ct original ${family} daddr ${service.ip} ct original proto-dst ${service.port}`,
    shown: [
      match({ ct: { key: `${family} daddr`, dir: 'original' } }, service.ip),
      match({ ct: { key: 'proto-dst', dir: 'original' } }, service.port),
    ],
  };
}

function destination(service: Address, backends: readonly Address[]): readonly NftRule[] {
  const { text, shown } = arriving(service);
  const family = nftFamily(service);
  const [first] = backends;
  if (first === undefined) return [];
  if (backends.length === 1) {
    const to = family === 'ip6' ? `[${first.ip}]:${first.port}` : `${first.ip}:${first.port}`;
    return [{ text: `${text} dnat to ${to}`, shown: [...shown, { dnat: { addr: first.ip, port: first.port } }] }];
  }
  const elements = backends.map(({ ip, port }, index) => `${index} : ${ip} . ${port}`).join(', ');
  const set = backends.map(({ ip, port }, index) => [index, { concat: [ip, port] }]);
  const key = { numgen: { mode: 'inc', mod: backends.length, offset: 0 } };
  return [
    {
      text: `${text} dnat ${family} to numgen inc mod ${backends.length} map { ${elements} }`,
      shown: [...shown, { dnat: { family, addr: { map: { key, data: { set } } } } }],
    },
  ];
}

/** Connections whose source no backend could answer: of other namespaces, or of the VIP itself. The others keep theirs, for audit logs. */
function masquerade(service: Address, nodeIp: string | undefined): NftRule {
  const family = nftFamily(service);
  const { text, shown } = madeTo(service);
  const foreign = nodeIp === undefined ? '' : ` ct original ${family} saddr != ${nodeIp}`;
  const shownForeign = nodeIp === undefined ? [] : [match({ ct: { key: `${family} saddr`, dir: 'original' } }, nodeIp, '!=')];
  const tcp = match({ ct: { key: 'protocol' } }, 6);
  return { text: `ct protocol 6 ${text}${foreign} masquerade`, shown: [tcp, ...shown, ...shownForeign, { masquerade: null }] };
}

/** New ones only: what is established drains. */
function refusal(service: Address): NftRule {
  const { text, shown } = madeTo(service);
  return {
    // Without the protocol nft 1.0 knows no ports; it leaves it out when it shows the rule, because a TCP reset says the same.
    text: `ct protocol 6 ${text} ct state new reject with tcp reset`,
    shown: [...shown, match({ ct: { key: 'state' } }, 'new', 'in'), { reject: { type: 'tcp reset' } }],
  };
}

function setMark(service: Address, mark: number): NftRule {
  const { text, shown } = arriving(service);
  const value = { '|': [{ meta: { key: 'mark' } }, mark] };
  return { text: `${text} meta mark set meta mark or ${mark}`, shown: [...shown, { mangle: { key: { meta: { key: 'mark' } }, value } }] };
}
