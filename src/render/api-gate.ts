/** The gate before an apiserver that has lost the one etcd member it knows: meanwhile its clients go to another master. */

import { watcherUnit } from './watcher-unit.ts';

export const apiGateProgram = '/usr/local/lib/trivet/api-gate';
export const apiGateUnitName = 'trivet-api-gate.service';
/** In nftables' family inet. */
export const apiGateTable = 'trivet-api-gate';

export interface ApiGateInput {
  readonly address: string;
  /** The apiserver's own, here and on the peers. */
  readonly port: number;
  /** The other masters; at least one. */
  readonly peers: readonly string[];
}

/**
 * An apiserver beside its own etcd knows no other member. When that one is dead, frozen or cut off from the quorum, it lives on: it takes
 * connections, and whoever watches there hears nothing (76 s with a frozen etcd, measured), as balancers leave etcd out of their question
 * on purpose. Here the machine itself looks, and only shuts while another master is whole, so that an election or a lost quorum shuts
 * nobody: then all are without.
 *
 * Rules: without etcd for 4 s (longer than an election), or never with it since this program began, and a peer answers the whole of
 * /readyz: shut, and the connections that are there are reset. Open again when etcd was seen twice, or no peer is whole any more. The
 * rule in the kernel ends by itself after 8 s, if nobody says it again. Root's own connections stay: the kubelet and the controllers here
 * know no other apiserver anyway, and this program must see what is behind the gate.
 */
export function apiGate({ address, port, peers }: ApiGateInput): string {
  return `#!/bin/sh
# Written by trivet. While the apiserver here is without etcd and another master is whole, it takes no clients.
set -u
address=${address}
port=${port}
peers='${peers.join(' ')}'
now() { read -r up _ < /proc/uptime; echo "\${up%.*}\${up#*.}"; } # hundredths of a second since boot
# With all of its parts, those of etcd too.
ready() { curl -s -o /dev/null --max-time 1 --cacert /etc/kubernetes/pki/ca.crt --connect-to "kubernetes:$port:$1:$port" -w '%{http_code}' "https://kubernetes:$port/readyz" 2> /dev/null; }
# Any word but a bad one, as not every cluster tells strangers.
has_etcd() { case $(ready "$address") in '' | 000 | 5??) return 1 ;; *) return 0 ;; esac; }
peer_is_whole() {
  for peer in $peers; do
    case $(ready "$peer") in 2?? | 401) return 0 ;; esac
  done
  return 1
}
shut() {
  # Said again, its time begins anew: an element that is there already would keep its old one.
  nft -f - << END || return
add element inet ${apiGateTable} shut { $port }
delete element inet ${apiGateTable} shut { $port }
add element inet ${apiGateTable} shut { $port timeout 8s }
END
  [ -z "$closed" ] || return
  closed=yes
  echo "shut: $1"
  ss -K state established "( sport = :$port )" > /dev/null 2>&1
}
open() {
  [ -n "$closed" ] || return
  closed=
  nft flush set inet ${apiGateTable} shut
  echo "open: $1"
}

nft -f - << END || exit 1
table inet ${apiGateTable}
delete table inet ${apiGateTable}
table inet ${apiGateTable} {
  set shut { type inet_service; flags timeout; }
  chain in { type filter hook input priority -10; policy accept; iif != lo tcp dport @shut reject with tcp reset; }
  # A balancer on this machine.
  chain out { type filter hook output priority -10; policy accept; oif lo meta skuid != 0 tcp dport @shut reject with tcp reset; }
}
END
closed=
seen=
with=0
without=0
while :; do
  if has_etcd "$address"; then with=$((with + 1)) without=0 seen=$(now); else with=0 without=$((without + 1)); fi
  if [ $with -ge 2 ]; then
    open "the apiserver on $address has etcd"
  elif [ $with -eq 1 ]; then
    [ -z "$closed" ] || shut again
  elif [ $without -ge 2 ] && { [ -z "$seen" ] || [ $(($(now) - seen)) -ge 400 ]; }; then
    if peer_is_whole; then shut "the apiserver on $address is without etcd, and $peer is whole"; else open "no other master is whole"; fi
  fi
  if [ $without -gt 0 ]; then sleep 0.5; else sleep 1; fi
done
`;
}

/** With the program the rule goes. */
export function apiGateUnit(): string {
  return watcherUnit({
    description: 'an apiserver that has lost its etcd takes no clients',
    program: apiGateProgram,
    afterwards: `nft delete table inet ${apiGateTable}`,
  });
}
