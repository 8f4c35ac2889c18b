/** What IPVS cannot do by itself, done by a small table of nft's: refusing at once, and mode link's masquerade: pure. */

import type { Address } from '../../address.ts';
import { nftFamily, serviceName } from '../service-names.ts';

export interface IpvsTableInput {
  readonly service: Address;
  /** Mode link: connections to the VIP have the VIP itself as their source, which no backend could answer. undefined: mode route. */
  readonly mark: number | undefined;
  /** Nobody is there. IPVS alone says so by ICMP, which a connecting socket of the same machine does not hear: it would wait. */
  readonly refuses: boolean;
}

/**
 * One atomic transaction for nft; undefined: no table is needed. lvscare masquerades by an ipset, iptables and a mark. The mark is set
 * here too, but what is masqueraded is told by the connection: other programs (Cilium) overwrite marks on the way.
 */
export function renderIpvsTable({ service, mark, refuses }: IpvsTableInput): string | undefined {
  if (mark === undefined && !refuses) return undefined;
  const family = nftFamily(service);
  const table = `${family} ${serviceName(service)}`;
  const arriving = `${family} daddr ${service.ip} tcp dport ${service.port}`;
  // Not by `ct state new`: IPVS hides its connections from conntrack, and all their packets are new ones.
  const refusal = `${arriving} tcp flags & (fin | syn | rst | ack) == syn reject with tcp reset`;
  const filter = (chain: string, hook: string, ...rules: readonly string[]) => [
    `add chain ${table} ${chain} { type filter hook ${hook} priority -150; policy accept; }`,
    ...rules.map((rule) => `add rule ${table} ${chain} ${rule}`),
  ];
  const marked = mark === undefined ? [] : [`${arriving} meta mark set meta mark or ${mark}`];
  const refused = refuses ? [refusal] : [];
  const masquerade = `ct protocol 6 ct original ${family} daddr ${service.ip} ct original proto-dst ${service.port} masquerade`;
  return [
    ...[`add table ${table}`, `delete table ${table}`, `add table ${table}`],
    ...filter('output', 'output', ...marked, ...refused),
    ...filter('prerouting', 'prerouting', ...marked),
    ...filter('input', 'input', ...refused),
    ...(mark === undefined
      ? []
      : [
          `add chain ${table} postrouting { type nat hook postrouting priority 100; policy accept; }`,
          `add rule ${table} postrouting ${masquerade}`,
        ]),
  ].join('; ');
}
