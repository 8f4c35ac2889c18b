/** Mode link: connections to the VIP have the VIP itself as their source, which no backend could answer; nft takes the node's instead: pure. */

import type { Address } from '../../address.ts';
import { nftFamily, serviceName } from '../service-names.ts';

/**
 * One atomic transaction for `nft -f -`. lvscare does the same by an ipset, iptables and a mark. The mark is set here too, but what is
 * masqueraded is told by the connection: other programs (Cilium) overwrite marks on the way.
 */
export function renderMasquerade(service: Address, masqueradeBit: number): string {
  const family = nftFamily(service);
  const table = `${family} ${serviceName(service)}`;
  const mark = `add rule ${table} CHAIN ${family} daddr ${service.ip} tcp dport ${service.port} meta mark set meta mark or ${2 ** masqueradeBit}`;
  return [
    ...[`add table ${table}`, `delete table ${table}`, `add table ${table}`],
    `add chain ${table} output { type filter hook output priority -150; policy accept; }`,
    `add chain ${table} prerouting { type filter hook prerouting priority -150; policy accept; }`,
    `add chain ${table} postrouting { type nat hook postrouting priority 100; policy accept; }`,
    mark.replace('CHAIN', 'output'),
    mark.replace('CHAIN', 'prerouting'),
    `add rule ${table} postrouting ct protocol 6 ct original ${family} daddr ${service.ip} ct original proto-dst ${service.port} masquerade`,
  ].join('; ');
}
