/** The watcher on a master that asks etcd on other machines: its apiserver must not wait for a member whose machine is gone. */

export const etcdWatchProgram = '/usr/local/lib/trivet/etcd-watch';
export const etcdWatchUnitName = 'trivet-etcd-watch.service';

/**
 * gRPC gives up a silent connection after 10 s, and an idle one after 30 s more; both are fixed in the apiserver. The kernel knows
 * after three retransmissions (0.2 + 0.4 + 0.8 s), so that is what is looked at: nothing is sent to etcd for it.
 * `members`: addresses, IPv4, all on the same port.
 */
export function etcdWatch({ members, port }: { readonly members: readonly string[]; readonly port: number }): string {
  return `#!/bin/sh
# Written by trivet. Resets this machine's connections to an etcd member that no longer acknowledges anything.
set -u
members='${members.join(' ')}'
any='( ${members.map((member) => `dst ${member}`).join(' or ')} )'
sockets() { ss -Htno state established "$1" dport = :${port} 2>/dev/null; }
# timer:(on,TIME,N): the last segment was sent N times again, and nobody answered.
silent() { case $1 in *'timer:(on,'*,[3-9]')'* | *'timer:(on,'*,[1-9][0-9]')'*) return 0 ;; *) return 1 ;; esac; }
while :; do
  # One look at all of them: this goes on for years.
  if silent "$(sockets "$any")"; then
    for member in $members; do
      silent "$(sockets "dst $member")" || continue
      echo "$member: three retransmissions in a row were not answered; $(sockets "dst $member" | wc -l) connections are reset"
      ss -K dst "$member" dport = :${port} > /dev/null 2>&1
    done
  fi
  sleep 0.3
done
`;
}

/** Started before the kubelet, and again whenever it ends. */
export function etcdWatchUnit(): string {
  return `# Written by trivet.
[Unit]
Description=trivet: resets connections to etcd members that are gone
Before=kubelet.service
StartLimitIntervalSec=0

[Service]
ExecStart=${etcdWatchProgram}
Restart=always
RestartSec=200ms
OOMScoreAdjust=-900
CapabilityBoundingSet=CAP_NET_ADMIN
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
`;
}
