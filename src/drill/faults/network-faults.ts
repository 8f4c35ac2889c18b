/** Faults of a machine's network: packets dropped by a table of our own, or delayed by a queue of our own. */

import type { Cluster } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import { quote } from '../../model/quote.ts';
import type { MachineFault } from './fault.ts';
import { drillTable, egressText, neighbourRule, networkRules, type PacketFault, rulesText } from './network-rules.ts';

/** Later by so many milliseconds where the operator's SSH is cut off too, so that the answer gets out first. */
const laterMs = 300;

export function packetFault(fault: PacketFault, victim: Host, cluster: Cluster): MachineFault {
  const rules = networkRules(fault, victim, cluster);
  const look = `${devices(cluster)}${rules.spareSsh ? operatorAddress : ''}${printed('rules', rulesText(rules))}${printed('said', egressText(rules) ?? '')}`;
  // An old kernel has no egress hook: the rest of the fault goes in without it. Where nothing is to be kept back, nft gets an empty file.
  const now = `said | nft -f - 2> /dev/null || true
rules | nft -f - || exit 1
effect
`;
  const later = `rules > "$drill/rules" || exit 1
said > "$drill/said"
setsid sh -c 'sleep 0.3; nft -f "$2"; exec nft -f "$1"' rules "$drill/rules" "$drill/said" < /dev/null > /dev/null 2>&1 &
echo "effect $(($(date +%s%N) + ${laterMs}000000))"
`;
  return {
    kind: 'machine',
    possible: `command -v nft > /dev/null || { echo 'nft is not installed there (apt-get install nftables)'; exit 1; }
${look}why=$(rules | nft -c -f - 2>&1) || { echo "its packet filter cannot do it: $(echo "$why" | head -n 1)"; exit 1; }
`,
    inject: `${look}${rules.spareSsh ? now : later}`,
    heal: `command -v nft > /dev/null || exit 0
for family in inet arp netdev; do nft delete table $family ${drillTable} 2> /dev/null; done
true
`,
    gone: `command -v nft > /dev/null || exit 0
for family in inet arp netdev; do
  if nft list table $family ${drillTable} > /dev/null 2>&1; then echo "the packet filter still has its table $family ${drillTable}"; exit 1; fi
done
`,
  };
}

/** Shell: a function that prints the text, in which `$devices` and the like are filled in. */
function printed(name: string, text: string): string {
  return `${name}() {
cat << END_OF_RULES
${text}
END_OF_RULES
}
`;
}

const delayMs = 100;
/** Tells our queue from others' of the same kind. */
const handle = '7d11:';

export function packetDelay(cluster: Cluster): MachineFault {
  return {
    kind: 'machine',
    // In a network namespace of its own nothing of the machine's is touched.
    possible: `command -v tc > /dev/null || { echo 'tc is not installed there (apt-get install iproute2)'; exit 1; }
unshare -n tc qdisc add dev lo root netem delay 1ms 2> /dev/null || { echo 'its kernel has no sch_netem: packets cannot be delayed'; exit 1; }
${devices(cluster)}for d in $names; do
  tc qdisc show dev "$d" | grep ' root ' | grep -qvE '^qdisc [^ ]+ (0:|${handle}) root' && { echo "$d has a queue of its own (tc qdisc show dev $d)"; exit 1; }
done
true
`,
    inject: `${devices(cluster)}for d in $names; do tc qdisc replace dev "$d" root handle ${handle} netem delay ${delayMs}ms || exit 1; done
effect
`,
    heal: `tc qdisc show | sed -n 's/^qdisc netem ${handle} dev \\([^ ]*\\) root.*/\\1/p' | while read -r d; do tc qdisc del dev "$d" root handle ${handle}; done
true
`,
    gone: `if tc qdisc show | grep -q '^qdisc netem ${handle}'; then echo 'packets are still delayed (tc qdisc show)'; exit 1; fi
`,
  };
}

/**
 * `$names`: the devices by which other machines are reached, and whatever is a real card; not the pods' own. `$devices`: the same
 * for nft.
 */
function devices(cluster: Cluster): string {
  const addresses = quote(cluster.hosts.map(({ internalAddress }) => internalAddress));
  return `names=$( {
  for a in ${addresses}; do ip -o route get "$a"; done
  ip -4 -o route show default
  ip -6 -o route show default
} 2> /dev/null | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p'; for d in /sys/class/net/*; do [ ! -e "$d/device" ] || echo "\${d##*/}"; done )
names=$(echo "$names" | sort -u | grep -vx -e lo -e '')
[ -n "$names" ] || { echo 'no network device leads to the other machines'; exit 1; }
devices=$(echo "$names" | sed 's/.*/"&"/' | paste -sd ,)
`;
}

const operatorAddress = `set -- $(operator_ssh)
from=\${1:-}
port=\${2:-}
[ -n "$port" ] || { echo 'it does not tell from where its operator came by SSH'; exit 1; }
case $from in
  *:*) family=ip6; neighbours='${neighbourRule}' ;;
  *) family=ip; neighbours= ;;
esac
`;
