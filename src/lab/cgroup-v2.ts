/** Machines on a box with cgroup v2 and systemd: one scope per machine. Not tested where trivet is developed, whose box has v1. */

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cgroupDirectories, frozenWithin10s, listIds, pidsBelow, removeTrees } from './cgroup-tree.ts';
import type { Cgroups } from './cgroups.ts';

const slice = 'trivetlab.slice';

export function cgroupV2(root: string): Cgroups {
  const directoryOf = (id: string) => join(root, slice, `${id}.scope`);
  return {
    nspawn: { environment: { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' }, initArguments: [] },
    create: async () => undefined,
    enter: (id, argv) => [
      'systemd-run',
      '--scope',
      '--collect',
      `--slice=${slice}`,
      `--unit=${id}`,
      '--property=Delegate=yes',
      '--',
      ...argv,
    ],
    pids: (id) => pidsBelow([directoryOf(id)]),
    freeze: async (id) => {
      const directory = directoryOf(id);
      await writeFile(join(directory, 'cgroup.freeze'), '1');
      await frozenWithin10s(
        async () => (await readFile(join(directory, 'cgroup.events'), 'utf8')).includes('frozen 1'),
        () => thawBelow(directory),
      );
    },
    thaw: (id) => thawBelow(directoryOf(id)),
    share: async (id, share) => {
      const file = join(directoryOf(id), 'cpu.weight');
      if (existsSync(file)) await writeFile(file, share === 'usual' ? '100' : '10');
    },
    // systemd removes an empty scope by itself; what it has not got to yet is removed here.
    remove: (id) => removeTrees([directoryOf(id)]),
    ids: async () => (await listIds([join(root, slice)], '.scope')).map((name) => basename(name, '.scope')),
  };
}

async function thawBelow(root: string): Promise<void> {
  for (const directory of await cgroupDirectories(root)) await writeFile(join(directory, 'cgroup.freeze'), '0').catch(() => undefined);
}
