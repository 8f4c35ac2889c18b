/** A static pod's process killed, frozen or restarted: found by its name in a cgroup that only a static pod of this node has. */

import type { MachineFault } from './fault.ts';
import type { ProcessMode } from './fault-names.ts';

/** `program` as its command line begins: kube-controller-manager. */
export function staticPodFault(program: string, mode: ProcessMode): MachineFault {
  const find = pids(program);
  const present = `[ -n "$(pids)" ] || { echo 'no ${program} of a static pod runs there'; exit 1; }\n`;
  const signal = (name: string) => `${find}found=$(pids)
[ -n "$found" ] || { echo 'no ${program} of a static pod runs there'; exit 1; }
kill -s ${name} $found
effect
`;
  const noneStopped = `for p in $(pids); do
  if grep -q '^State:.T' "/proc/$p/status" 2> /dev/null; then echo "process $p (${program}) is stopped"; exit 1; fi
done
`;
  return {
    kind: 'machine',
    possible: `${find}${present}`,
    inject: signal({ killed: 'KILL', frozen: 'STOP', restarted: 'TERM' }[mode]),
    // Its liveness probe may have made an end of the stopped one: the kubelet starts another.
    heal: mode === 'frozen' ? `${find}for p in $(pids); do kill -s CONT "$p" 2> /dev/null; done\ntrue\n` : '',
    gone: `${find}${present}${mode === 'frozen' ? noneStopped : ''}`,
  };
}

/**
 * The uid of a static pod is a digest of 32 digits; pods that the API made, and whatever runs nested in them, have a UUID in their
 * path. The kernel keeps 15 letters of a name.
 */
function pids(program: string): string {
  const d = '[0-9a-f]';
  return `pids() {
  for d in /proc/[0-9]*; do
    { read -r comm < "$d/comm"; } 2> /dev/null || continue
    [ "$comm" = ${program.slice(0, 15)} ] || continue
    cgroup=$(cat "$d/cgroup" 2> /dev/null) || continue
    case $cgroup in *pod${d.repeat(8)}[-_]${d.repeat(4)}[-_]*) continue ;; esac
    case $cgroup in */kubepods*pod${d.repeat(32)}[./]*) echo "\${d#/proc/}" ;; esac
  done
}
`;
}
