/** The watcher beside etcd and its clients: nobody must wait for a member whose machine is gone, nor for one that is back. */

import { watcherUnit } from './watcher-unit.ts';

export const etcdWatchProgram = '/usr/local/lib/trivet/etcd-watch';
export const etcdWatchUnitName = 'trivet-etcd-watch.service';

export interface EtcdWatchInput {
  /** Addresses of the members on other machines, IPv4; at least one. */
  readonly members: readonly string[];
  /** Between two looks. */
  readonly everySeconds: number;
}

/**
 * An apiserver that asks a member on another machine: gRPC gives up a silent connection after 10 s, and an idle one after 30 s more;
 * both are fixed in it. Members among themselves: after a network that was split for two minutes the kernel sends again what was not
 * acknowledged only after up to another minute and more; until then the two sides do not hear each other, and if the leader is lost in
 * that time, no other is chosen (52 s without one, measured).
 * The kernel knows after three retransmissions (0.2 + 0.4 + 0.8 s), so that is what is looked at: nothing is sent to etcd for it.
 */
export function etcdWatch({ members, everySeconds }: EtcdWatchInput): string {
  return `#!/bin/sh
# Written by trivet. Resets this machine's connections to an etcd member that no longer acknowledges anything.
set -u
members='${members.join(' ')}'
any='( ${members.map((member) => `dst ${member}`).join(' or ')} )'
ports='( dport = :2379 or dport = :2380 or sport = :2380 )'
sockets() { ss -Htno state established "$1" and "$ports" 2>/dev/null; }
# timer:(on,TIME,N): the last segment was sent N times again, and nobody answered; persist: the same of a window that was closed.
silent() { case $1 in *'timer:('[op]*,*,[3-9]')'* | *'timer:('[op]*,*,[1-9][0-9]')'*) return 0 ;; *) return 1 ;; esac; }
while :; do
  # One look at all of them: this goes on for years.
  if silent "$(sockets "$any")"; then
    for member in $members; do
      silent "$(sockets "dst $member")" || continue
      echo "$member: three retransmissions in a row were not answered; $(sockets "dst $member" | wc -l) connections are reset"
      ss -K dst "$member" and "$ports" > /dev/null 2>&1
    done
  fi
  sleep ${everySeconds}
done
`;
}

export function etcdWatchUnit(): string {
  return watcherUnit({ description: 'resets connections to etcd members that are gone', program: etcdWatchProgram });
}
