/** How much a machine has: processors, memory, swap in use, disk space where Kubernetes will write. */

import type { Fact } from '../../model/fact.ts';
import { lines, readSections, sections } from './sections.ts';

export interface Disk {
  /** Where it is mounted. */
  readonly mount: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** Which of the asked paths lie on it. */
  readonly paths: readonly string[];
}

export interface MachineCapacity {
  /** That processes may use; 0 when unknown. */
  readonly processors: number;
  /** 0 when unknown. */
  readonly memoryBytes: number;
  /** Swap areas by path. */
  readonly swaps: readonly string[];
  readonly disks: readonly Disk[];
}

const paths = ['/', '/var/lib', '/var/lib/etcd', '/var/lib/containerd', '/var/lib/kubelet'];

export const machineCapacity: Fact<MachineCapacity> = {
  name: 'machine-capacity',
  argv: sections({
    processors: 'nproc',
    memory: 'grep MemTotal /proc/meminfo',
    swaps: 'cat /proc/swaps',
    disks: `df -B1 --output=size,avail,file,target ${paths.join(' ')}`,
  }),
  parse: ({ stdout }) => {
    const section = readSections(stdout);
    return {
      processors: Number.parseInt(section('processors'), 10) || 0,
      memoryBytes: Number(/(\d+) kB/.exec(section('memory'))?.[1] ?? 0) * 1024,
      swaps: lines(section('swaps'))
        .slice(1)
        .map((line) => line.split(/\s+/)[0] ?? ''),
      disks: disks(section('disks')),
    };
  },
};

function disks(text: string): readonly Disk[] {
  const byMount = new Map<string, Disk>();
  for (const line of lines(text)) {
    const [, total, free, path, mount] = /^(\d+)\s+(\d+)\s+(\S+)\s+(\/.*)$/.exec(line) ?? [];
    if (path === undefined || mount === undefined) continue;
    const known = byMount.get(mount);
    byMount.set(mount, { mount, totalBytes: Number(total), freeBytes: Number(free), paths: [...(known?.paths ?? []), path] });
  }
  return [...byMount.values()];
}
