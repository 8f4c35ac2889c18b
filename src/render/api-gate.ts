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
 *
 * Without etcd is who says so, or is not there at all. One that is slow to answer is busy: to send its clients to the others would make
 * those busy too, and they theirs to it (a lab whose two cores were not enough shut its three gates in turn for six minutes, measured).
 * An apiserver says so also when etcd needs more than 2 s because both are busy. So each time that the gate was shut on such a word for less
 * than 15 s, it waits twice as long before it shuts again, up to 64 s, until it has been open for ten minutes. For an apiserver that only
 * was not there it does not: that cost nobody anything.
 */
export function apiGate({ address, port, peers }: ApiGateInput): string {
  return `#!/bin/sh
# Written by trivet. While the apiserver here is without etcd and another master is whole, it takes no clients.
set -u
address=${address}
port=${port}
peers='${peers.join(' ')}'
now() { read -r up _ < /proc/uptime; echo "\${up%.*}\${up#*.}"; } # hundredths of a second since boot
# What it says of its parts, then "code exit": curl's exit is 7 where nobody listens. An apiserver gives etcd 2 s, for each of its two
# questions about it; one is enough.
ready() {
  curl -s --max-time "$2" --cacert /etc/kubernetes/pki/ca.crt --connect-to "kubernetes:$port:$1:$port" -w '\\n%{http_code} %{exitcode}' \\
    "https://kubernetes:$port/readyz?exclude=etcd-readiness" 2> /dev/null
}
peer_is_whole() {
  for peer in $peers; do
    case $(ready "$peer" 1) in *2??\\ 0 | *401\\ 0) return 0 ;; esac
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
  since=$(now)
  known=$seen
  echo "shut: $1"
  ss -K state established "( sport = :$port )" > /dev/null 2>&1
}
open() {
  [ -n "$closed" ] || return
  closed=
  nft flush set inet ${apiGateTable} shut
  opened=$(now)
  # Not worth it for so short a time; at the boot it is, and before an apiserver that was not there.
  if [ -n "$known" ] && [ -n "$lacking" ] && [ $((opened - since)) -lt 1500 ] && [ $patience -lt 6400 ]; then patience=$((patience * 2)); fi
  echo "open: $1; the next time it shuts after $((patience / 100)) s without etcd"
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
opened=
patience=400
seen=
lacking= # It has said so since it was last seen with etcd.
with=0
without=0
while :; do
  case $(ready "$address" 3) in
    *'[-]etcd'*) with=0 without=$((without + 1)) lacking=yes ;;
    *000\\ 7) with=0 without=$((without + 1)) ;;
    # Too slow, or not ready for another reason. Before etcd was ever seen, that is an apiserver which has just begun.
    '' | *000\\ * | *5??\\ 0) with=0; [ -n "$seen" ] || without=$((without + 1)) ;;
    # Any other word, as not every cluster tells strangers.
    *) with=$((with + 1)) without=0 seen=$(now) ;;
  esac
  if [ $with -ge 2 ]; then
    open "the apiserver on $address has etcd"
    lacking=
    if [ -n "$opened" ] && [ $(($(now) - opened)) -ge 60000 ]; then opened= patience=400; fi
  elif [ $with -eq 1 ]; then
    [ -z "$closed" ] || shut again
  elif [ -n "$closed" ] || { [ $without -ge 2 ] && { [ -z "$seen" ] || [ $(($(now) - seen)) -ge $patience ]; }; }; then
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
