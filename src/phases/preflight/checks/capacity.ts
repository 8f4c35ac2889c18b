/** Preflight check: room on the disks, memory, processors. */

import type { Cluster } from '../../../model/cluster.ts';
import type { Host } from '../../../model/host.ts';
import { type Check, type Finding, unlessIgnored } from '../finding.ts';
import { belongs, isMaster, isNode, type Surveyed } from '../survey.ts';

const GB = 1_000_000_000;

export const capacity: Check = ({ cluster, machines }) =>
  machines.flatMap((machine) =>
    [...disks(machine, cluster), ...memory(machine, cluster), ...processors(machine)].map((finding) => ({
      ...finding,
      host: machine.host.name,
    })),
  );

function disks({ host, capacity, traces }: Surveyed, cluster: Cluster): readonly Finding[] {
  return (capacity?.disks ?? []).flatMap((disk) => {
    const { least, enough, remedy } = roomFor(host, disk.paths);
    // What this cluster has used up since is no news on every run.
    if (disk.freeBytes >= (belongs(cluster, traces) ? least : enough)) return [];
    const few = disk.freeBytes < least;
    return [
      {
        severity: few ? 'error' : 'warning',
        check: 'disk',
        message: `${(disk.freeBytes / GB).toFixed(1)} GB free on ${disk.mount} (for ${disk.paths.join(', ')})`,
        remedy,
        ...(few ? { code: 'DISK_FULL' } : {}),
      } as const,
    ];
  });
}

/** A machine that only balances holds the packages and little else; a disk of etcd's own its data, which etcd keeps below 2 GB by itself. */
function roomFor(host: Host, paths: readonly string[]): { readonly least: number; readonly enough: number; readonly remedy: string } {
  if (host.roles.every((role) => role === 'lb'))
    return { least: 0.5 * GB, enough: GB, remedy: 'free at least 0.5 GB: the packages are unpacked there' };
  if (paths.every((path) => path.startsWith('/var/lib/etcd')))
    return {
      least: 0.2 * GB,
      enough: 2.5 * GB,
      remedy: "free at least 0.2 GB, better 2.5 GB: etcd's data lies there, and when it is full nothing can be written",
    };
  return { least: 2 * GB, enough: 10 * GB, remedy: 'free at least 2 GB, better 10 GB: images, etcd and the bundle lie there' };
}

function memory({ host, capacity }: Surveyed, cluster: Cluster): readonly Finding[] {
  const bytes = capacity?.memoryBytes ?? 0;
  if (!isNode(host)) return memoryBesideNodes(host, bytes);
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

function memoryBesideNodes(host: Host, bytes: number): readonly Finding[] {
  const wanted = host.roles.includes('etcd') ? 1 : 0.25;
  if (bytes === 0 || bytes >= wanted * GB) return [];
  const message = `${(bytes / GB).toFixed(1)} GB of memory`;
  return [{ severity: 'warning', check: 'memory', message, remedy: `give the machine ${wanted} GB or more` }];
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
