/** Faults that are on machines now, of a drill that is under way elsewhere or has died. */

import type { Connect } from '../../model/connection.ts';
import type { Host } from '../../model/host.ts';
import { undoUnit } from './arm-undo.ts';
import { undoByHand } from './heal.ts';
import { drillTable } from './network-rules.ts';
import { drillsDirectory } from './shell-parts.ts';

/** One sentence for each, with the time that is left and how to undo it now. A machine that cannot be asked tells nothing. */
export async function faultsLeftOn(connect: Connect, hosts: readonly Host[], signal?: AbortSignal): Promise<readonly string[]> {
  const found = await Promise.all(
    hosts.map(async (host) => {
      try {
        const connection = await connect(host, signal);
        const { stdout } = await connection.run(['sh', '-c', script], { timeoutSeconds: 20, ...(signal === undefined ? {} : { signal }) });
        return faultsIn(stdout, host);
      } catch {
        signal?.throwIfAborted();
        return [];
      }
    }),
  );
  return found.flat();
}

/** A line each: the drill's id, its fault, and the seconds until the machine undoes it, ? where its timer does not run. */
const script = `read -r up _ < /proc/uptime
boot=$(cat /proc/sys/kernel/random/boot_id)
for d in ${drillsDirectory}/*; do
  [ -e "$d/undo" ] || continue
  id=\${d##*/}
  left='?'
  if systemctl is-active --quiet "${undoUnit('$id')}.timer"; then
    then=; due=
    read -r then due < "$d/due"
    [ "$then" = "$boot" ] && left=$((due - \${up%.*}))
  fi
  echo "fault $id $(cat "$d/fault") $left"
done
if [ ! -d ${drillsDirectory} ] && command -v nft > /dev/null && nft list table inet ${drillTable} > /dev/null 2>&1; then echo table; fi
true
`;

export function faultsIn(stdout: string, host: Host): readonly string[] {
  return stdout.split('\n').flatMap((line) => {
    const [word, id = '', fault = '', left = ''] = line.trim().split(' ');
    if (word === 'table')
      return [`${host.name} has a packet filter's table inet ${drillTable} of no drill; undo it: nft delete table inet ${drillTable}`];
    if (word !== 'fault') return [];
    const when = /^-?\d+$/.test(left)
      ? `${host.name} undoes it by itself in ${Math.max(0, Number(left))} s`
      : `when ${host.name} undoes it cannot be told`;
    return [`${fault} of drill ${id} is on ${host.name}: ${when}; to undo it now: ${undoByHand(host, id)}`];
  });
}
