/** Preflight check: room on the disks, memory, processors. */

import type { Cluster } from '../../../model/cluster.ts';
import { type Check, type Finding, unlessIgnored } from '../finding.ts';
import { belongs, isMaster, type Surveyed } from '../survey.ts';

const GB = 1_000_000_000;

export const capacity: Check = ({ cluster, machines }) =>
  machines.flatMap((machine) =>
    [...disks(machine, cluster), ...memory(machine, cluster), ...processors(machine)].map((finding) => ({
      ...finding,
      host: machine.host.name,
    })),
  );

function disks({ capacity, traces }: Surveyed, cluster: Cluster): readonly Finding[] {
  // What this cluster has used up since is no news on every run.
  const warnBelow = belongs(cluster, traces) ? 2 * GB : 10 * GB;
  return (capacity?.disks ?? [])
    .filter((disk) => disk.freeBytes < warnBelow)
    .map((disk) => {
      const few = disk.freeBytes < 2 * GB;
      return {
        severity: few ? 'error' : 'warning',
        check: 'disk',
        message: `${(disk.freeBytes / GB).toFixed(1)} GB free on ${disk.mount} (for ${disk.paths.join(', ')})`,
        remedy: 'free at least 2 GB, better 10 GB: images, etcd and the bundle lie there',
        ...(few ? { code: 'DISK_FULL' } : {}),
      } as const;
    });
}

function memory({ host, capacity }: Surveyed, cluster: Cluster): readonly Finding[] {
  const bytes = capacity?.memoryBytes ?? 0;
  if (bytes === 0 || bytes >= (isMaster(host) ? 1.7 : 1) * GB) return [];
  return [
    {
      severity: bytes < GB ? unlessIgnored(cluster, 'Mem') : 'warning',
      check: 'memory',
      message: `${(bytes / GB).toFixed(1)} GB of memory`,
      remedy: 'give the machine more: a master wants 2 GB or more, a worker 1 GB or more',
    },
  ];
}

function processors({ host, capacity }: Surveyed): readonly Finding[] {
  const count = capacity?.processors ?? 0;
  if (count === 0 || count >= 2 || !isMaster(host)) return [];
  return [
    {
      severity: 'warning',
      check: 'processors',
      message: 'one processor: kubeadm refuses a master with fewer than two',
      remedy: 'give the machine two, or put NumCPU into ignorePreflightErrors',
    },
  ];
}
