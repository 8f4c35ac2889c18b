/** A machine's own cgroups: what holds all its processes, and the one way by which they are found and ended. */

import { readFile } from 'node:fs/promises';
import { cgroupV1 } from './cgroup-v1.ts';
import { cgroupV2 } from './cgroup-v2.ts';

export interface Cgroups {
  /** How systemd-nspawn and the systemd inside are told. */
  readonly nspawn: { readonly environment: Readonly<Record<string, string>>; readonly initArguments: readonly string[] };
  /** Makes the machine's cgroups. */
  readonly create: (id: string) => Promise<void>;
  /** Puts words before argv that enter the machine's cgroups and then become argv. */
  readonly enter: (id: string, argv: readonly string[]) => readonly string[];
  /** Pids of every process of the machine, nested cgroups included. */
  readonly pids: (id: string) => Promise<readonly number[]>;
  /** Stops every process where it is; resolves when all have stopped. LAB when that cannot be done here, or not within 10 s: then all go on. */
  readonly freeze: (id: string) => Promise<void>;
  /** Lets frozen processes go on, for a frozen process does not die. */
  readonly thaw: (id: string) => Promise<void>;
  /** `small`: a tenth of what every other machine gets when the box's processors are short. Does nothing where there is no such group. */
  readonly share: (id: string, share: 'usual' | 'small') => Promise<void>;
  /** Removes the machine's cgroups; false while a process is still in one. */
  readonly remove: (id: string) => Promise<boolean>;
  /** Ids of all machines, of all labs, that have a cgroup. */
  readonly ids: () => Promise<readonly string[]>;
}

/** The mounted hierarchies decide: any v1 controller means that the box runs on v1. */
export async function cgroupsOfBox(): Promise<Cgroups> {
  const mounts = parseCgroupMounts(await readFile('/proc/self/mounts', 'utf8'));
  return mounts.v1.length > 0 ? cgroupV1([...mounts.v1, ...mounts.v2]) : cgroupV2(mounts.v2[0] ?? '/sys/fs/cgroup');
}

/** Mount points by kind. On a hybrid box the v2 hierarchy is there too, without controllers. */
export function parseCgroupMounts(mounts: string): { readonly v1: readonly string[]; readonly v2: readonly string[] } {
  const fields = mounts.split('\n').map((line) => line.split(' '));
  const of = (type: string) => fields.flatMap(([, path, kind]) => (kind === type && path !== undefined ? [path] : []));
  return { v1: of('cgroup'), v2: of('cgroup2') };
}
