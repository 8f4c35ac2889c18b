/** The watcher that tells keepalived whether this master may hold the VIP. Plain sh: it must run before anything else of ours does. */

export interface VipWatchInput {
  /** Where this machine's own apiserver or balancer listens, and the peers' alike. */
  readonly address: string;
  readonly port: number;
  readonly peers: readonly string[];
  /** The address that moves. */
  readonly vip: string;
  /** Where this machine's own pods come from: they are heard also by a machine that hears nobody else. */
  readonly podSubnet: string;
  /** What answers there, for the log. */
  readonly what: 'apiserver' | 'balancer';
  /** Where this machine's own balancer says that it lives; undefined: it is asked through, whether some apiserver serves. */
  readonly socket: string | undefined;
  /** Masters have a kubelet, and the cluster's CA; balancer machines neither. */
  readonly onMaster: boolean;
  readonly trackFile: string;
}

/**
 * Rules, in their order:
 * - what listens here fails twice in a row: out. The second look comes after 0.4 s, or 0.1 s where an apiserver said nothing at all (it
 *   is gone, or silent for 1 s each time). An apiserver fails when /readyz does (etcd left out: its loss hits all masters at once), haproxy when it is dead or frozen or knows no apiserver that serves, nginx when it is dead or frozen.
 * - kubelet silent for 2 s, and some peer is whole (endpoint, kubelet, etcd): out. A restart is quicker than that; and when all kubelets
 *   are dead nobody gives way, so the address stays up.
 * - the apiserver here, or every one that haproxy here knows, has not seen etcd for 4 s (longer than an election): out if some peer is
 *   whole, else last. A machine that was cut off would otherwise take the address back the moment it is in the network again, with an
 *   apiserver that needs up to a minute to serve; and a stacked apiserver whose own member is dead serves nobody. All are last together
 *   where the quorum is lost, so that the address stays where it is.
 * - the same, and neither the endpoint nor the kubelet of any other master answers: out. Either they are dead, and nothing but errors is
 *   served here; or this machine is cut off from them and not from the clients, and one of them holds the address too (22 s of silent
 *   watches, measured). Which of both, cannot be told from here.
 * - without etcd, and nobody else has been heard for 5 s on the connections of API and etcd: out. Who hears nothing but is heard (a
 *   broken receiver, a filter) would keep the address from all others for ever: VRRP cannot tell. 5 s, as an idle kubelet asks every 3 s.
 * - otherwise, after two good rounds: in.
 */
export function vipWatch(input: VipWatchInput): string {
  const { what, onMaster } = input;
  const etcd = input.socket === undefined && onMaster;
  return `#!/bin/sh
# Written by trivet. Decides whether this machine may hold the cluster's address, and tells keepalived by a file.
# In (0): the ${what} here serves. Out (-254): it does not${onMaster ? ', or the kubelet here is dead and another master is whole' : ''}.
${etcd ? etcdWords(what) : ''}set -u
address=${input.address}
file=${input.trackFile}
# 401: a cluster without anonymous access serves too. Not 403: an apiserver that has just begun says so until it has read the roles.
serves() { case $1 in 2??|401) return 0 ;; *) return 1 ;; esac; }
${onMaster ? questionsOfMaster(input) : questionOfBalancer(input)}
said=none
say() {
  [ "$1" = "$said" ] && return
  said=$1
  echo "$1" > "$file"
  echo "\${1}: $2"
}

mkdir -p "\${file%/*}"
# A restart of this program must not move the address: the last word stands until there is a reason for another.
if [ -s "$file" ]; then read -r said < "$file"; else say -254 "starting"; fi
bad=2
good=0
${onMaster ? 'kubelet_seen=$(now)\n' : ''}${etcd ? etcdStart : ''}while :; do
  set -- $(ask_here)
  if serves "\${1:-000}"; then bad=0; good=$((good + 1)); else bad=$((bad + 1)); good=0; fi
${onMaster ? kubeletClock : ''}${etcd ? etcdCount : ''}  if [ $bad -ge 2 ]; then
    say -254 "the ${what} on $address does not serve (HTTP \${1:-none})"
${onMaster ? kubeletRule : ''}${etcd ? etcdRule(what) : ''}  elif [ $good -ge 2 ]; then
    ${onMaster ? `if [ $silent -ge 200 ]; then say 0 "the ${what} serves; the kubelet is silent, but no other master is whole"; else say 0 "the ${what} serves"; fi` : `say 0 "the ${what} serves"`}
  fi
  ${what === 'apiserver' ? again : 'sleep 0.4'}
done
`;
}

/** Through a balancer any apiserver may answer: all of their certificates name `kubernetes`, not all this machine's address. */
function questionsOfMaster(input: VipWatchInput): string {
  const { socket, peers, port } = input;
  return `peers='${peers.join(' ')}'
now() { read -r up _ < /proc/uptime; echo "\${up%.*}\${up#*.}"; } # hundredths of a second since boot
port=${port}
trust='--cacert /etc/kubernetes/pki/ca.crt'
${ready}
# One curl for both questions: "endpoint-code kubelet-code". An apiserver's certificate names it, whichever answers.
ask() {
  curl -s -o /dev/null --max-time 1 $trust --connect-to "kubernetes:$port:$1:$port" -w '%{http_code} ' "https://kubernetes:$port/$ready" \\
    --next -s -o /dev/null -k --max-time 1 -w '%{http_code}\\n' "$2" 2>/dev/null
}
${
  socket === undefined
    ? askEtcd
    : `ask_here() {
  curl -s -o /dev/null --max-time 1 --unix-socket ${socket} -w '%{http_code} ' http://balancer/ \\
    --next -s -o /dev/null --max-time 1 -w '%{http_code}\\n' http://127.0.0.1:10248/healthz 2>/dev/null
}
`
}# A kubelet answers 401 or 403 to strangers.
lives() { case $1 in 2??|401|403) return 0 ;; *) return 1 ;; esac; }
# $answers afterwards: who said anything at all, whole or not.
peer_is_whole() {
  answers=
  for peer in $peers; do
    set -- $(ask "$peer" "https://$peer:10250/healthz")
    [ "\${1:-000}\${2:-000}" = 000000 ] || answers="$answers $peer"
    if serves "\${1:-000}" && lives "\${2:-000}"${socket === undefined ? ' && has_etcd "$peer"' : ''}; then return 0; fi
  done
  return 1
}
${socket === undefined ? isHeard(input) : ''}`;
}

function questionOfBalancer({ socket, port }: VipWatchInput): string {
  const ask = `ask_here() { curl -s -o /dev/null --max-time 1 -w '%{http_code}\\n'`;
  if (socket !== undefined) return `${ask} --unix-socket ${socket} http://balancer/ 2>/dev/null; }\n`;
  return `${ready}
# There is no CA here; it is this very machine that is asked.
${ask} -k "https://$address:${port}/$ready" 2>/dev/null; }
`;
}

const ready = `# etcd's parts left out: when etcd elects, every master would fail at the same moment and the address would be nowhere.
ready="readyz?exclude=etcd&exclude=etcd-readiness"`;

/** Nothing was answered at all: an apiserver that is gone does not come back within less than a second, so there is nothing to wait for. */
const again = `if [ $bad -eq 1 ] && [ "\${1:-000}" = 000 ]; then sleep 0.1; else sleep 0.4; fi`;

const kubeletClock = `  if lives "\${2:-000}"; then kubelet_seen=$(now); fi
  silent=$(($(now) - kubelet_seen))
`;

const kubeletRule = `  elif [ $silent -ge 200 ] && peer_is_whole; then
    say -254 "the kubelet is silent for $((silent / 100)) s and another master is whole"
`;

const askEtcd = `ask_here() { ask "$address" http://127.0.0.1:10248/healthz; }
# The endpoint with all of its parts: any word but a bad one, as not every cluster tells strangers. By itself, and only of one that
# serves: an apiserver that is frozen must not be waited for twice.
has_etcd() {
  case $(curl -s -o /dev/null --max-time 1 $trust --connect-to "kubernetes:$port:$1:$port" -w '%{http_code}' "https://kubernetes:$port/readyz" 2>/dev/null) in
    ''|000|5??) return 1 ;;
    *) return 0 ;;
  esac
}
`;

/** ss tells silence in milliseconds, and not at all where there is none. One that knows no -O (iproute2 before 5.4) counts as hearing. */
function isHeard({ address, vip, port, podSubnet, peers }: VipWatchInput): string {
  if (peers.length === 0) return 'is_heard() { return 0; }\n';
  const ports = [...new Set([port, 6443])].map((own) => `sport = :${own}`);
  const etcd = [2379, 2380].flatMap((one) => [`sport = :${one}`, `dport = :${one}`]);
  const own = [address, vip, '127.0.0.0/8', '[::1]', podSubnet].map((one) => `not dst ${one}`);
  return `# Whether anybody else was heard in the last 5 s on the connections of the API and of etcd.
is_heard() {
  heard=$(ss -HtinO state established '( ${[...ports, 'dport = :6443', ...etcd].join(' or ')} ) and ${own.join(' and ')}' 2> /dev/null) || return 0
  echo "$heard" | grep . | grep -qvE ' lastrcv:([5-9][0-9]{3}|[0-9]{5,})( |$)'
}
`;
}

function etcdWords(what: VipWatchInput['what']): string {
  return `# Out too: the ${what} here is without etcd, and another master is whole, or none answers, or nobody is heard. Last (-253): without etcd otherwise.
`;
}

const etcdStart = `etcd_seen=$(now)
with=0
round=0
# Until etcd was seen, this machine is not one to go first.
behind=yes
if [ "$said" = 0 ]; then behind=; with=2; fi
`;

/** In every third round, and in every one while it is missing. */
const etcdCount = `  round=$((round + 1))
  if [ $bad -eq 0 ] && { [ $with -lt 2 ] || [ $((round % 3)) -eq 0 ]; }; then
    if has_etcd "$address"; then with=$((with + 1)); etcd_seen=$(now); else with=0; fi
    if [ $with -ge 2 ]; then behind=; elif [ $with -eq 0 ] && [ $(($(now) - etcd_seen)) -ge 400 ]; then behind=yes; fi
  fi
`;

function etcdRule(what: VipWatchInput['what']): string {
  const without =
    what === 'apiserver' ? 'the apiserver on $address is without etcd' : 'no apiserver behind the balancer on $address has etcd';
  return `  elif [ $with -eq 0 ] && [ $good -ge 2 ] && ! is_heard; then
    say -254 "${without}, and nobody else has been heard for 5 s"
  elif [ -n "$behind" ] && [ $good -ge 2 ]; then
    if peer_is_whole; then say -254 "${without} and another master is whole"
    elif [ -z "$answers" ] && [ -n "$peers" ]; then say -254 "${without}, and no other master answers"
    else say -253 "${without}, and no other master is whole"; fi
`;
}
