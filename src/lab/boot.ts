/** Starts a machine: its cgroups, its disk over the image, its systemd. Returns when it runs, not when it answers. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import type { Cgroups } from './cgroups.ts';
import { boundDirectories, machineDirectories } from './lab-directories.ts';
import { machineId, namespacePath } from './lab-names.ts';
import type { LabMachine } from './lab-plan.ts';
import { nspawnArguments, nspawnEnvironment } from './nspawn-arguments.ts';
import { toolPath } from './run-tool.ts';

/** Mounts the disk in a mount namespace of the machine's own, so that it is gone when the machine's last process is. */
const mountAndExec = 'mount -t overlay overlay -o "$1" "$2" && shift 2 && exec "$@"';

/** The machine must be off and its network connected. LAB with the console's last lines when it dies at once. */
export async function bootMachine({
  lab,
  machine,
  image,
  cgroups,
}: {
  readonly lab: string;
  readonly machine: LabMachine;
  readonly image: string;
  readonly cgroups: Cgroups;
}): Promise<void> {
  const id = machineId(lab, machine.name);
  const { directory, upper, work, root, consoleLog } = machineDirectories(lab, machine.name);
  await stat(image).catch((cause: unknown) => {
    throw new Failure('LAB', `the root file system ${image} of lab ${lab} is gone`, { remedy: `trivet lab down --name ${lab}`, cause });
  });
  const nspawn = nspawnArguments({
    id,
    hostName: machine.name,
    root,
    namespacePath: namespacePath(id),
    binds: boundDirectories.map(({ name, path }) => ({ source: join(directory, name), path })),
    initArguments: cgroups.nspawn.initArguments,
  });
  const overlay = `lowerdir=${image},upperdir=${upper},workdir=${work}`;
  const mounted = ['unshare', '--mount', '--propagation', 'slave', '--', '/bin/sh', '-c', mountAndExec, 'boot', overlay, root, ...nspawn];
  await cgroups.create(id);
  const [program = '', ...rest] = cgroups.enter(id, mounted);
  const log = await open(consoleLog, 'a');
  try {
    // A session of its own: the machine outlives this process and does not hear its Ctrl-C.
    const child = spawn(program, rest, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { PATH: toolPath(), ...nspawnEnvironment, ...cgroups.nspawn.environment },
    });
    child.unref();
    const died = once(child, 'exit').then(() => true);
    if (await Promise.race([died, delay(300, false)])) throw await diedAtOnce(machine.name, consoleLog);
  } finally {
    await log.close();
  }
}

async function diedAtOnce(machine: string, log: string): Promise<Failure> {
  const console = await readFile(log, 'utf8').catch(() => '');
  return new Failure('LAB', `machine ${machine} did not start: ${console.trim().split('\n').at(-1)}`, { host: machine, log });
}
