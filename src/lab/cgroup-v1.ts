/** Machines on a box with cgroup v1: a cgroup of the machine's own in every hierarchy. */

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure } from '../model/failure.ts';
import { cgroupDirectories, frozenWithin10s, listIds, pidsBelow, removeTrees } from './cgroup-tree.ts';
import type { Cgroups } from './cgroups.ts';

/**
 * Takes every hierarchy, the empty v2 one of a hybrid box too: nspawn asks that one where it is, and would
 * otherwise put all machines into one systemd tree at its root, where stopping a service on one kills it on all.
 */
export function cgroupV1(hierarchies: readonly string[]): Cgroups {
  const directoriesOf = (id: string) => hierarchies.map((hierarchy) => join(hierarchy, id));
  return {
    nspawn: {
      environment: { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '0' },
      // Debian 13's systemd refuses to boot on cgroup v1 unless told so.
      initArguments: ['SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1'],
    },
    create: async (id) => {
      for (const hierarchy of hierarchies) await createIn(hierarchy, id);
    },
    enter: (id, argv) => {
      const script = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 1; shift; done; shift; exec "$@"';
      const files = directoriesOf(id).map((directory) => join(directory, 'cgroup.procs'));
      return ['/bin/sh', '-c', script, 'enter', ...files, '--', ...argv];
    },
    pids: (id) => pidsBelow(directoriesOf(id)),
    freeze: (id) => freeze(directoriesOf(id).find(isFreezer)),
    thaw: (id) => thawBelow(directoriesOf(id)),
    share: async (id, share) => {
      for (const directory of directoriesOf(id)) {
        const file = join(directory, 'cpu.shares');
        if (existsSync(file)) await writeFile(file, share === 'usual' ? '1024' : '102');
      }
    },
    remove: (id) => removeTrees(directoriesOf(id)),
    ids: () => listIds(hierarchies),
  };
}

async function createIn(hierarchy: string, id: string): Promise<void> {
  const directory = join(hierarchy, id);
  await mkdir(directory, { recursive: true });
  if (!(await readdir(hierarchy)).includes('cpuset.cpus')) return;
  for (const file of ['cpuset.cpus', 'cpuset.mems']) await writeFile(join(directory, file), await readFile(join(hierarchy, file)));
}

/** One that stops is FREEZING until its last process has, and stops those below it too. */
async function freeze(directory: string | undefined): Promise<void> {
  if (directory === undefined)
    throw new Failure('LAB', 'the kernel of this box has no freezer of control groups', {
      remedy:
        'Mount it: mkdir -p /sys/fs/cgroup/freezer && mount -t cgroup -o freezer freezer /sys/fs/cgroup/freezer, then make the lab anew',
    });
  const file = join(directory, 'freezer.state');
  await writeFile(file, 'FROZEN');
  await frozenWithin10s(
    async () => (await readFile(file, 'utf8')).trim() === 'FROZEN',
    () => thawBelow([directory]),
  );
}

function isFreezer(directory: string): boolean {
  return directory.includes('/freezer/') || basename(directory) === 'freezer';
}

async function thawBelow(roots: readonly string[]): Promise<void> {
  for (const root of roots.filter(isFreezer)) {
    for (const directory of await cgroupDirectories(root))
      await writeFile(join(directory, 'freezer.state'), 'THAWED').catch(() => undefined);
  }
}
