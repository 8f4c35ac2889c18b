/** A new machine's disk: an empty layer over the image, with what tells the machine from its twins. */

import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasEtcdDisk, makeEtcdImage } from './etcd-disk.ts';
import { boundDirectories, labDirectories, machineDirectories, machineDirectoriesIn } from './lab-directories.ts';
import type { LabMachine } from './lab-plan.ts';
import { runTool } from './run-tool.ts';

/** Makes the disk unless it is there; a half-made one is made anew. */
export async function ensureMachineDisk(
  lab: string,
  machine: LabMachine,
  { etcdDiskMb }: { readonly etcdDiskMb?: number | undefined } = {},
): Promise<void> {
  const { directory } = machineDirectories(lab, machine.name);
  const there = await stat(directory).then(
    () => true,
    () => false,
  );
  if (there) return;
  const partial = `${directory}.partial`;
  await rm(partial, { recursive: true, force: true });
  const { upper, work, root, etcdImage, etcdDisk } = machineDirectoriesIn(partial);
  for (const path of [upper, work, root, ...boundDirectories.map(({ name }) => join(partial, name))])
    await mkdir(path, { recursive: true });
  if (etcdDiskMb !== undefined && hasEtcdDisk(machine)) {
    await mkdir(etcdDisk);
    await makeEtcdImage(etcdImage, etcdDiskMb);
  }
  // Directories of the upper layer hide the mode of the image's.
  await chmod(upper, 0o755);
  await mkdir(join(upper, 'etc/ssh'), { recursive: true });
  await writeFile(join(upper, 'etc/hostname'), `${machine.name}\n`);
  await writeFile(join(upper, 'etc/hosts'), `127.0.0.1 localhost\n::1 localhost ip6-localhost\n${machine.address} ${machine.name}\n`);
  await writeFile(join(upper, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`, { mode: 0o444 });
  const hostKey = join(upper, 'etc/ssh/ssh_host_ed25519_key');
  await runTool(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', machine.name, '-f', hostKey]);
  await mkdir(join(upper, 'root/.ssh'), { recursive: true, mode: 0o700 });
  await chmod(join(upper, 'root'), 0o700);
  await writeFile(join(upper, 'root/.ssh/authorized_keys'), await readFile(`${labDirectories(lab).key}.pub`), { mode: 0o600 });
  await rename(partial, directory);
}

/** The machine's line in known_hosts. */
export async function knownHostsLine(lab: string, machine: LabMachine): Promise<string> {
  const { upper } = machineDirectories(lab, machine.name);
  const [type, key] = (await readFile(join(upper, 'etc/ssh/ssh_host_ed25519_key.pub'), 'utf8')).split(' ');
  return `${machine.address} ${type} ${key}`;
}
