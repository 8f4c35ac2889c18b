/** LVS in NAT mode in front of the apiservers: keepalived's virtual_server, and the rules that bring the answers back. */

import type { Backend } from './haproxy.ts';

export interface VirtualServerInput {
  readonly address: string;
  readonly port: number;
  readonly backends: readonly Backend[];
}

export const lvsTable = 'trivet-lvs';

export function virtualServer({ address, port, backends }: VirtualServerInput): string {
  return `
virtual_server ${address} ${port} {
    # A dead master is out after 1 s at most: a question each 0.2 s, 0.3 s to answer, asked twice.
    delay_loop 0.2
    lb_algo wlc
    lb_kind NAT
    protocol TCP
${backends.map(realServer).join('')}}
`;
}

function realServer({ address, port }: Backend): string {
  return `    real_server ${address} ${port} {
        weight 1
        SSL_GET {
            url {
                # Whether this apiserver serves, not whether etcd has a leader.
                path "/readyz?exclude=etcd&exclude=etcd-readiness"
                status_code 200
            }
            connect_timeout 0.3
            retry 1
            delay_before_retry 0.1
        }
    }
`;
}

/**
 * The masters are on the balancer's own network and would answer a client there directly, past the balancer that the client
 * knows: so they must see the balancer as the client.
 */
export function lvsRules({ address }: Pick<VirtualServerInput, 'address'>): string {
  return `#!/usr/sbin/nft -f
# Written by trivet: changes are overwritten by the next trivet up.
table ip ${lvsTable} {}
delete table ip ${lvsTable}
table ip ${lvsTable} {
    chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        # Only the virtual server hands on what was sent to that address; its port cannot be named here in Debian 12's nft.
        ct original ip daddr ${address} masquerade
    }
}
`;
}

/** What IPVS needs of the kernel. Run by a unit and not by sysctl.d: net.ipv4.vs exists only once ip_vs is loaded. */
export function lvsSetup(interfaceName: string, rulesPath: string): string {
  return `#!/bin/sh
# Written by trivet. Prepares the kernel for keepalived's virtual server.
set -e
[ -d /proc/sys/net/ipv4/vs ] || modprobe ip_vs
put() { [ "$(cat "/proc/sys/net/ipv4/$1")" = "$2" ] || echo "$2" > "/proc/sys/net/ipv4/$1"; }
put ip_forward 1
# Its connections are known to nftables, which masquerades them.
put vs/conntrack 1
# A connection to a master that was taken out ends with its next packet.
put vs/expire_nodest_conn 1
# Client and master may be neighbours: they are not told to talk past us.
put conf/all/send_redirects 0
put conf/${interfaceName}/send_redirects 0
nft -f ${rulesPath}
`;
}
