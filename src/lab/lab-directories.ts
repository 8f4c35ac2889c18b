/** Where a lab keeps what it is made of. */

import { join } from 'node:path';
import { stateDirectory } from '../local/directories.ts';

export interface LabDirectories {
  readonly directory: string;
  readonly labFile: string;
  readonly key: string;
  readonly knownHosts: string;
  readonly clusterFile: string;
  readonly machines: string;
}

export interface MachineDirectories {
  readonly directory: string;
  /** What the machine has written over its image: its disk. */
  readonly upper: string;
  readonly work: string;
  /** Mount point of image and upper together; the mount is seen only by the machine. */
  readonly root: string;
  readonly consoleLog: string;
  /** etcd's own disk, where the lab has them: the file, and its mount point, which is seen only by the machine. */
  readonly etcdImage: string;
  readonly etcdDisk: string;
}

export function labsDirectory(): string {
  return join(stateDirectory(), 'labs');
}

export function labDirectories(lab: string): LabDirectories {
  const directory = join(labsDirectory(), lab);
  return {
    directory,
    labFile: join(directory, 'lab.json'),
    key: join(directory, 'key'),
    knownHosts: join(directory, 'known_hosts'),
    clusterFile: join(directory, 'cluster.yaml'),
    machines: join(directory, 'machines'),
  };
}

export function machineDirectories(lab: string, machine: string): MachineDirectories {
  return machineDirectoriesIn(join(labDirectories(lab).machines, machine));
}

export function machineDirectoriesIn(directory: string): MachineDirectories {
  return {
    directory,
    upper: join(directory, 'upper'),
    work: join(directory, 'work'),
    root: join(directory, 'root'),
    consoleLog: join(directory, 'console.log'),
    etcdImage: join(directory, 'etcd.img'),
    etcdDisk: join(directory, 'etcd-disk'),
  };
}

/** Directories of a machine that lie outside the overlay, because containerd's own overlays cannot sit on one. */
export const boundDirectories = [
  { name: 'containerd', path: '/var/lib/containerd' },
  { name: 'kubelet', path: '/var/lib/kubelet' },
  { name: 'etcd', path: '/var/lib/etcd' },
] as const;
