/** The disk of etcd's data filled up, where it is a small one of its own. */

import { etcdctl } from '../../facts/etcd-members.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import type { MachineFault } from './fault.ts';

const largestKiB = 4 * 1024 * 1024;

export function etcdDiskFull(cluster: Cluster, host: Host): MachineFault {
  const directory = cluster.etcd.name === 'hosted' ? '/var/lib/trivet-etcd' : '/var/lib/etcd';
  const filler = `${directory}/trivet-drill-fill`;
  const ask = `timeout 8 ${etcdctl(cluster.etcd.access(cluster, host))} --command-timeout=4s --dial-timeout=2s`;
  const alarmed = `${ask} alarm list 2> /dev/null | grep -q NOSPACE`;
  return {
    kind: 'machine',
    possible: `mountpoint -q ${directory} || { echo '${directory} is not a mount of its own there: filling it would fill the disk of others'; exit 1; }
size=$(df -Pk ${directory} | awk 'NR == 2 { print $2 }')
[ "\${size:-0}" -gt 0 ] && [ "$size" -lt ${largestKiB} ] || { echo "the disk of ${directory} has $((\${size:-0} / 1024)) MiB: only one of less than ${largestKiB / 1024} MiB is filled"; exit 1; }
if ${alarmed}; then echo 'etcd has a NOSPACE alarm already'; exit 1; fi
`,
    // First in one piece, which takes no time, then what is left of it, block by block.
    inject: `umask 077
mountpoint -q ${directory} || { echo '${directory} is not mounted'; exit 1; }
free=$(df -Pk ${directory} | awk 'NR == 2 { print $4 }')
fallocate -o "$(stat -c %s ${filler} 2> /dev/null || echo 0)" -l "\${free:-0}KiB" ${filler} 2> /dev/null
for size in 1M 64k 4k; do dd if=/dev/zero of=${filler} bs=$size oflag=append conv=notrunc,fsync 2> /dev/null; done
effect
free=$(df -Pk ${directory} | awk 'NR == 2 { print $4 }')
[ "\${free:-0}" -lt 64 ] || { echo "$free KiB are still free"; exit 1; }
`,
    // An alarm ends only by hand, and only once there is room again; etcd itself may still be on its way up.
    heal: `rm -f ${filler}
if ${alarmed}; then
  revision=$(${ask} endpoint status -w fields 2> /dev/null | sed -n 's/^"Revision" : //p' | head -n 1)
  [ -z "$revision" ] || ${ask} compact "$revision" > /dev/null 2>&1
  ${ask} defrag > /dev/null 2>&1
  ${ask} alarm disarm > /dev/null 2>&1
fi
true
`,
    gone: `[ ! -e ${filler} ] || { echo '${filler} is still there'; exit 1; }
if ${alarmed}; then echo 'etcd still has its NOSPACE alarm'; exit 1; fi
`,
  };
}
