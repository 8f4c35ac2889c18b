/** A systemd unit's processes killed, frozen or restarted. */

import type { MachineFault } from './fault.ts';
import type { ProcessMode } from './fault-names.ts';

export function unitFault(unit: string, mode: ProcessMode, { mainOnly = false }: { readonly mainOnly?: boolean } = {}): MachineFault {
  const possible = `systemctl is-active --quiet ${unit} || { echo '${unit} does not run there'; exit 1; }\n`;
  const signal = (name: string) => `systemctl kill -s ${name}${mainOnly ? ' --kill-whom=main' : ''} ${unit}`;
  const [inject, first] = {
    killed: [`${signal('KILL')}\neffect\n`, ''],
    // When its end was asked for counts, not when it had ended.
    restarted: [`systemctl restart --no-block ${unit}\neffect\n`, ''],
    frozen: [`${signal('STOP')}\neffect\n`, `${signal('CONT')} 2> /dev/null || true\n`],
  }[mode];
  return {
    kind: 'machine',
    possible,
    inject: inject ?? '',
    heal: `${first ?? ''}${startedAgain(unit)}`,
    gone: `systemctl is-active --quiet ${unit} || { echo '${unit} does not run'; exit 1; }\n${mode === 'frozen' ? noneStopped(unit, mainOnly) : ''}`,
  };
}

/** systemd is given ten seconds to start it by itself, as without a drill; then it is told to. */
function startedAgain(unit: string): string {
  return `i=0
while [ $i -lt 50 ]; do
  systemctl is-active --quiet ${unit} && exit 0
  sleep 0.2
  i=$((i + 1))
done
systemctl reset-failed ${unit} 2> /dev/null
systemctl start ${unit}
`;
}

function noneStopped(unit: string, mainOnly: boolean): string {
  const pids = mainOnly
    ? `systemctl show -p MainPID --value ${unit}`
    : // A unit of the same name may run within a pod.
      `grep -lE '/${unit.replaceAll('.', '\\.')}$' /proc/[0-9]*/cgroup 2> /dev/null | while read -r f; do grep -q kubepods "$f" || { f=\${f#/proc/}; echo "\${f%/cgroup}"; }; done`;
  return `for p in $(${pids}); do
  if grep -q '^State:.T' "/proc/$p/status" 2> /dev/null; then echo "process $p of ${unit} is stopped"; exit 1; fi
done
`;
}
