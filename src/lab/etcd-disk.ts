/** A small disk of its own for etcd on each machine that may have one: a file of the lab, attached to the machine by a loop device. */

import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import { etcdDataDirectory } from '../render/etcd-paths.ts';
import { labDirectories, machineDirectories } from './lab-directories.ts';
import type { LabMachine } from './lab-plan.ts';
import { runTool } from './run-tool.ts';

/** In MB (2^20 bytes). Smaller, and etcd has no room for the two logs of 64 MB that it lays out at its start. */
export const etcdDiskLimits = { least: 256, most: 65_536 } as const;

/** Directories of the disk and where they lie in the machine: a stacked member's, and that of a member beside the masters. */
const parts = [
  { name: 'etcd', path: '/var/lib/etcd' },
  { name: 'trivet-etcd', path: etcdDataDirectory },
] as const;

/**
 * Put before what becomes the machine: image, mount point, argv. The mount lies in the machine's own mount namespace and the device
 * detaches itself with the last mount, so that both are gone when the machine's last process is, however it ended.
 */
const mountAndExec = `mount -o loop "$1" "$2" && mkdir -p ${parts.map(({ name }) => `"$2/${name}"`).join(' ')} && shift 2 && exec "$@"`;

export interface EtcdDisk {
  readonly before: readonly string[];
  /** What of it the machine sees where; directories, so that no lost+found is in etcd's way. */
  readonly binds: readonly { readonly source: string; readonly path: string }[];
}

export function hasEtcdDisk(machine: Pick<LabMachine, 'role' | 'kind'>): boolean {
  return machine.kind === 'nspawn' && (machine.role === 'master' || machine.role === 'etcd');
}

export function etcdDisk(lab: string, machine: string): EtcdDisk {
  const { etcdImage, etcdDisk: directory } = machineDirectories(lab, machine);
  return {
    before: ['/bin/sh', '-c', mountAndExec, 'disk', etcdImage, directory],
    binds: parts.map(({ name, path }) => ({ source: join(directory, name), path })),
  };
}

/** A new, empty file system in a sparse file. */
export async function makeEtcdImage(path: string, megabytes: number): Promise<void> {
  await writeFile(path, '', { mode: 0o600 });
  await truncate(path, megabytes * 2 ** 20);
  await runTool(['mkfs.ext4', '-q', '-F', '-m', '0', path]);
}

/** Waits for what is left of a machine that was ended; mounting the file while a device still has it would share that. LAB after 20 s. */
export async function etcdDiskDetached(lab: string, machine: string): Promise<void> {
  const { etcdImage } = machineDirectories(lab, machine);
  const there = async () => (await loopDevices()).filter(({ file }) => file === etcdImage);
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; await delay(50)) if ((await there()).length === 0) return;
  throw new Failure('LAB', `the disk of ${machine}, ${etcdImage}, is still in use`, {
    host: machine,
    remedy: `trivet lab down --name ${lab}`,
  });
}

/** Loop devices whose file lies in the lab's directory: no other is ever touched. */
export async function etcdDisksAttached(lab: string): Promise<readonly string[]> {
  const below = join(labDirectories(lab).directory, '/');
  return (await loopDevices()).filter(({ file }) => file.startsWith(below)).map(({ device }) => device);
}

/** They detach themselves; what has not after 10 s is detached here. */
export async function detachEtcdDisks(lab: string): Promise<void> {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; await delay(50))
    if ((await etcdDisksAttached(lab)).length === 0) return;
  for (const device of await etcdDisksAttached(lab)) await runTool(['losetup', '--detach', device]);
}

interface LoopDevice {
  readonly device: string;
  readonly file: string;
}

async function loopDevices(): Promise<readonly LoopDevice[]> {
  const names = (await readdir('/sys/block').catch(() => [])).filter((name) => name.startsWith('loop'));
  const found = await Promise.all(
    names.map(async (name) => {
      const file = await readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch(() => undefined);
      return file === undefined ? [] : [{ device: `/dev/${name}`, file: file.replace(/( \(deleted\))?\n$/, '') }];
    }),
  );
  return found.flat();
}
