/** nftables rules: who else sends adverts of the cluster's virtual router is not heard. */

export const vrrpFilterTable = 'trivet-vrrp';

export interface VrrpFilterInput {
  /** VRRP virtual router id, 1–255: other routers on the same network are none of our business. */
  readonly virtualRouterId: number;
  readonly peers: readonly string[];
}

/** VRRP version 3 has no passwords: one packet of a stranger, of a higher priority, would take the address away. */
export function vrrpFilter({ virtualRouterId, peers }: VrrpFilterInput): string {
  const strangers = peers.length === 0 ? '' : `ip saddr != { ${peers.join(', ')} } `;
  return `#!/usr/sbin/nft -f
# Written by trivet: changes are overwritten by the next trivet up.
table inet ${vrrpFilterTable} {}
delete table inet ${vrrpFilterTable}
table inet ${vrrpFilterTable} {
    chain input {
        type filter hook input priority -10; policy accept;
        # Protocol 112 is VRRP; its second byte is the router id.
        meta nfproto ipv4 meta l4proto 112 @th,8,8 ${virtualRouterId} ${strangers}drop
        meta nfproto ipv6 meta l4proto 112 @th,8,8 ${virtualRouterId} drop
    }
}
`;
}
