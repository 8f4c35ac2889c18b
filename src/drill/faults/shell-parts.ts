/** Shell functions that every script of a fault may call; put before it when it is run on a machine. */

import { quote } from '../../model/quote.ts';

/** Below it each drill has a directory on its victims, which survives a reboot. */
export const drillsDirectory = '/var/lib/trivet-drill';

export function drillDirectory(id: string): string {
  return `${drillsDirectory}/${id}`;
}

/** Where a machine notes when it has undone a drill's fault. */
export function healedNote(id: string): string {
  return `/run/trivet-drill-${id}.healed`;
}

/**
 * `$drill`: the drill's directory. `effect`: says that the effect has just begun. `operator_ssh`: the address and the port by which
 * the operator's SSH came, asked of the processes above, as sudo takes its variable away.
 */
export function prelude(id: string): string {
  return `drill=${quote([drillDirectory(id)])}
effect() { echo "effect $(date +%s%N)"; }
operator_ssh() {
  p=$$
  while [ "\${p:-0}" -gt 1 ]; do
    c=$(tr '\\0' '\\n' < "/proc/$p/environ" 2> /dev/null | sed -n 's/^SSH_CONNECTION=//p')
    if [ -n "$c" ]; then echo "$c" | { read -r a _ _ port; echo "\${a%%%*} $port"; }; return; fi
    p=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$p/status" 2> /dev/null)
  done
}
`;
}

/** For a fault's `possible`: why not, for people. */
export function impossible(why: string): string {
  return `echo ${quote([why])}; exit 1`;
}
