/** Before a fault goes in, its machine arms its own undo: a timer of its systemd, which needs nobody and survives a reboot. */

import type { Connection } from '../../model/connection.ts';
import { Failure } from '../../model/failure.ts';
import type { FaultName, MachineFault } from './fault.ts';
import { drillDirectory, drillsDirectory, healedNote, prelude } from './shell-parts.ts';

export interface ArmInput {
  readonly id: string;
  readonly fault: FaultName;
  readonly scripts: MachineFault;
  readonly limitSeconds: number;
}

/** systemd's unit without its suffix. */
export function undoUnit(id: string): string {
  return `trivet-drill-undo-${id}`;
}

/** Returns once the timer is seen to run. DRILL_FAULT when it does not, or when the fault of another drill is still on the machine. */
export async function armUndo(connection: Connection, input: ArmInput, signal: AbortSignal): Promise<void> {
  const { id, fault, scripts, limitSeconds } = input;
  const files = {
    [`${drillDirectory(id)}/heal`]: `${prelude(id)}${scripts.heal}`,
    [`${drillDirectory(id)}/gone`]: `${prelude(id)}${scripts.gone}`,
    [`${drillDirectory(id)}/fault`]: `${fault}\n`,
    [`/etc/systemd/system/${undoUnit(id)}.service`]: service(id, fault),
    [`/etc/systemd/system/${undoUnit(id)}.timer`]: timer(id, limitSeconds),
    // Last: with it the directory counts as that of a fault.
    [`${drillDirectory(id)}/undo`]: undoScript(id),
  };
  const argv = ['sh', '-c', armScript(id, limitSeconds), 'arm', ...Object.entries(files).flat()];
  const result = await connection.run(argv, { timeoutSeconds: 60, signal });
  if (result.code === 0) return;
  const { host } = connection;
  if (result.code === anotherDrill) {
    const other = result.stdout.trim();
    throw new Failure('DRILL_FAULT', `${fault} was not put on ${host.name}: the fault of drill ${other} is still there`, {
      host: host.name,
      remedy: `On ${host.name}, undo that one now: sh ${drillDirectory(other)}/undo`,
    });
  }
  throw new Failure('DRILL_FAULT', `${fault} was not put on ${host.name}: the machine could not arm its own undo`, {
    host: host.name,
    findings: (result.stderr || result.stdout).trim().split('\n').slice(-3),
    remedy: `On ${host.name}, see: systemctl status ${undoUnit(id)}.timer`,
  });
}

const anotherDrill = 3;

/** Its arguments are paths and contents. Run again it begins its time anew. */
function armScript(id: string, limitSeconds: number): string {
  return `set -e
umask 077
for d in ${drillsDirectory}/*; do
  [ ! -e "$d/undo" ] || [ "\${d##*/}" = ${id} ] || { echo "\${d##*/}"; exit ${anotherDrill}; }
done
mkdir -p ${drillDirectory(id)}
rm -f ${healedNote(id)}
while [ $# -gt 1 ]; do
  printf %s "$2" > "$1.new"
  sync "$1.new"
  mv -f "$1.new" "$1"
  shift 2
done
read -r up _ < /proc/uptime
echo "$(cat /proc/sys/kernel/random/boot_id) $((\${up%.*} + ${limitSeconds}))" > ${drillDirectory(id)}/due
systemctl daemon-reload
systemctl --quiet enable ${undoUnit(id)}.timer
systemctl restart ${undoUnit(id)}.timer
systemctl is-active --quiet ${undoUnit(id)}.timer
`;
}

function timer(id: string, limitSeconds: number): string {
  return `# Written by trivet drill.
[Unit]
Description=trivet: undoes drill ${id} whatever becomes of its operator

[Timer]
# Counted anew after a reboot.
OnActiveSec=${limitSeconds}s
AccuracySec=100ms

[Install]
WantedBy=timers.target
`;
}

function service(id: string, fault: FaultName): string {
  return `# Written by trivet drill.
[Unit]
Description=trivet: undoes ${fault} of drill ${id}
ConditionPathExists=${drillDirectory(id)}/undo
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/bin/sh ${drillDirectory(id)}/undo timer
TimeoutStartSec=90s
Restart=on-failure
RestartSec=3s
`;
}

/** Heals, proves it, and takes itself away; exit 1, and it stays, as long as something of the fault is left. One at a time. */
function undoScript(id: string): string {
  const directory = drillDirectory(id);
  const unit = undoUnit(id);
  return `# Undoes a fault of trivet drill: sh ${directory}/undo
exec 9>> ${directory}/lock || exit 0
flock -w 60 9 || { echo 'somebody else is undoing it'; exit 1; }
[ -e ${directory}/undo ] || exit 0
sh ${directory}/heal 9>&-
healed=$(date +%s%N)
sh ${directory}/gone 9>&- || exit 1
echo "healed $healed" > ${healedNote(id)}
systemctl --quiet disable ${unit}.timer
systemctl stop ${unit}.timer
# Not itself.
[ "\${1:-}" = timer ] || systemctl stop ${unit}.service 2> /dev/null
rm -f /etc/systemd/system/${unit}.timer /etc/systemd/system/${unit}.service
rm -rf ${directory}
rmdir ${drillsDirectory} 2> /dev/null
systemctl daemon-reload
exit 0
`;
}
