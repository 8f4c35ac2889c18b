/** The watcher that tells keepalived whether this master may hold the VIP. Plain sh: it must run before anything else of ours does. */

export interface VipWatchInput {
  /** Where this machine's own apiserver or balancer listens, and the peers' alike. */
  readonly address: string;
  readonly port: number;
  readonly peers: readonly string[];
  /** What answers there, for the log. */
  readonly what: 'apiserver' | 'balancer';
  /** Masters have a kubelet, and the cluster's CA; balancer machines neither. */
  readonly onMaster: boolean;
  readonly trackFile: string;
}

/**
 * Rules, in their order:
 * - what listens here fails /readyz (etcd left out: its loss hits all masters at once) twice in a row: out. A balancer is asked
 *   through: it fails when it is dead or frozen, or when it knows no apiserver that serves.
 * - kubelet silent for 2 s, and some peer has both a serving endpoint and a kubelet: out. A restart is quicker than that;
 *   and when all kubelets are dead nobody gives way, so the address stays up.
 * - otherwise, after two good rounds: in.
 */
export function vipWatch(input: VipWatchInput): string {
  return `#!/bin/sh
# Written by trivet. Decides whether this machine may hold the cluster's address, and tells keepalived by a file.
# In (0): the ${input.what} here serves. Out (-254): it does not${input.onMaster ? ', or the kubelet here is dead and another master is whole' : ''}.
set -u
address=${input.address}
peers='${input.peers.join(' ')}'
port=${input.port}
file=${input.trackFile}
${input.onMaster ? "trust='--cacert /etc/kubernetes/pki/ca.crt'" : '# There is no CA here; it is this very machine that is asked.\ntrust=-k'}
# etcd's parts left out: when etcd elects, every master would fail at the same moment and the address would be nowhere.
ready="readyz?exclude=etcd&exclude=etcd-readiness"

now() { read -r up _ < /proc/uptime; echo "\${up%.*}\${up#*.}"; } # hundredths of a second since boot

# Any HTTP answer but 5xx means alive: 401 and 403 come from clusters without anonymous access.
alive() { case $1 in 2??|401|403) return 0 ;; *) return 1 ;; esac; }

${input.onMaster ? askBoth : askBalancer}
peer_is_whole() {
  for peer in $peers; do
    # The kubelet's own port answers 401 to strangers: it lives.
    set -- $(ask "$peer" "https://$peer:10250/healthz")
    if alive "\${1:-000}" && alive "\${2:-000}"; then return 0; fi
  done
  return 1
}

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
kubelet_seen=$(now)
while :; do
  set -- $(ask "$address" http://127.0.0.1:10248/healthz)
  if alive "\${1:-000}"; then bad=0; good=$((good + 1)); else bad=$((bad + 1)); good=0; fi
  if alive "\${2:-000}"; then kubelet_seen=$(now); fi
  silent=$(($(now) - kubelet_seen))
  if [ $bad -ge 2 ]; then
    say -254 "the ${input.what} on $address does not serve (HTTP \${1:-none})"
  elif [ $silent -ge 200 ] && peer_is_whole; then
    say -254 "the kubelet is silent for $((silent / 100)) s and another master is whole"
  elif [ $good -ge 2 ]; then
    if [ $silent -ge 200 ]; then say 0 "the ${input.what} serves; the kubelet is silent, but no other master is whole"; else say 0 "the ${input.what} serves"; fi
  fi
  sleep 0.4
done
`;
}

const askBoth = `# One curl for both questions: "endpoint-code kubelet-code".
ask() {
  curl -s -o /dev/null --max-time 1 $trust -w '%{http_code} ' "https://$1:$port/$ready" \\
    --next -s -o /dev/null -k --max-time 1 -w '%{http_code}\\n' "$2" 2>/dev/null
}
`;

const askBalancer = `# "endpoint-code kubelet-code"; a machine without a kubelet never lacks it.
ask() {
  curl -s -o /dev/null --max-time 1 $trust -w '%{http_code} 200\\n' "https://$1:$port/$ready" 2>/dev/null
}
`;
