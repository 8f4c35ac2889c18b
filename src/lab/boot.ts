/** Starts a machine: its cgroups, its disk over the image, its systemd. Returns when it runs, not when it answers. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import type { Cgroups } from './cgroups.ts';
import { etcdDisk, etcdDiskDetached, hasEtcdDisk } from './etcd-disk.ts';
import { boundDirectories, machineDirectories } from './lab-directories.ts';
import type { Lab } from './lab-file.ts';
import { machineId, namespacePath } from './lab-names.ts';
import type { LabMachine } from './lab-plan.ts';
import { nspawnArguments, nspawnEnvironment } from './nspawn-arguments.ts';
import { toolPath } from './run-tool.ts';
import { umlEnvironment } from './uml/uml-arguments.ts';
import { umlCommand } from './uml/uml-command.ts';

interface BootInput {
  readonly lab: Lab;
  readonly machine: LabMachine;
  readonly cgroups: Cgroups;
}

interface Start {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Mounts the disk in a mount namespace of the machine's own, so that it is gone when the machine's last process is. */
const mountAndExec = 'mount -t overlay overlay -o "$1" "$2" && shift 2 && exec "$@"';

/** The machine must be off and its network connected. LAB with the console's last lines when it dies at once. */
export async function bootMachine(input: BootInput): Promise<void> {
  const { lab, machine, cgroups } = input;
  const id = machineId(lab.name, machine.name);
  const { consoleLog } = machineDirectories(lab.name, machine.name);
  const { argv, environment } = machine.kind === 'uml' ? await umlStart(input) : await nspawnStart(input);
  await cgroups.create(id);
  const [program = '', ...rest] = cgroups.enter(id, argv);
  const log = await open(consoleLog, 'a');
  try {
    // A session of its own: the machine outlives this process and does not hear its Ctrl-C.
    const child = spawn(program, rest, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { PATH: toolPath(), ...environment },
    });
    child.unref();
    const died = once(child, 'exit').then(() => true);
    if (await Promise.race([died, delay(300, false)])) throw await diedAtOnce(machine.name, consoleLog);
  } finally {
    await log.close();
  }
}

async function nspawnStart({ lab, machine, cgroups }: BootInput): Promise<Start> {
  await checkThere(lab, lab.image);
  const id = machineId(lab.name, machine.name);
  const { directory, upper, work, root } = machineDirectories(lab.name, machine.name);
  const disk = lab.etcdDiskMb !== undefined && hasEtcdDisk(machine) ? etcdDisk(lab.name, machine.name) : undefined;
  if (disk !== undefined) await etcdDiskDetached(lab.name, machine.name);
  const binds = boundDirectories.map(({ name, path }) => ({ source: join(directory, name), path }));
  const nspawn = nspawnArguments({
    id,
    hostName: machine.name,
    root,
    namespacePath: namespacePath(id),
    binds: [...binds.filter(({ path }) => disk?.binds.every((bind) => bind.path !== path) ?? true), ...(disk?.binds ?? [])],
    initArguments: cgroups.nspawn.initArguments,
  });
  const overlay = `lowerdir=${lab.image},upperdir=${upper},workdir=${work}`;
  return {
    argv: [
      ...['unshare', '--mount', '--propagation', 'slave', '--', ...(disk?.before ?? [])],
      ...['/bin/sh', '-c', mountAndExec, 'boot', overlay, root, ...nspawn],
    ],
    environment: { ...nspawnEnvironment, ...cgroups.nspawn.environment },
  };
}

async function umlStart({ lab, machine }: BootInput): Promise<Start> {
  if (lab.kernel === undefined) throw new Failure('INTERNAL', `lab ${lab.name} has no kernel for machine ${machine.name}`);
  const { directory, image } = lab.kernel;
  for (const path of [directory, image]) await checkThere(lab, path);
  return { argv: umlCommand({ lab: lab.name, machine, image, kernel: directory }), environment: umlEnvironment };
}

/** The cache may have been emptied since the lab was made. */
async function checkThere(lab: Lab, path: string): Promise<void> {
  await stat(path).catch((cause: unknown) => {
    throw new Failure('LAB', `${path}, on which lab ${lab.name} stands, is gone`, { remedy: `trivet lab down --name ${lab.name}`, cause });
  });
}

async function diedAtOnce(machine: string, log: string): Promise<Failure> {
  const console = await readFile(log, 'utf8').catch(() => '');
  return new Failure('LAB', `machine ${machine} did not start: ${console.trim().split('\n').at(-1)}`, { host: machine, log });
}
