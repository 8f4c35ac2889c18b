/** Takes a lab down, whatever is left of it: processes, cables, namespaces, cgroups, files. */

import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Emit } from '../model/event.ts';
import { Failure } from '../model/failure.ts';
import { armedUndos, endUndo } from './armed-undo.ts';
import { type Cgroups, cgroupsOfBox } from './cgroups.ts';
import { checkClaim, labLockFile, ownClaims, releaseLab } from './claims.ts';
import { detachEtcdDisks, etcdDisksAttached } from './etcd-disk.ts';
import { killMachine } from './kill-machine.ts';
import { labDirectories, labsDirectory } from './lab-directories.ts';
import { checkLabName, isMachineName, machineId, ownerOf, switchNamespace } from './lab-names.ts';
import { withLock } from './local-lock.ts';
import { disconnectMachine, namespaces, pullCable, removeNamespace } from './network.ts';
import { runTool } from './run-tool.ts';
import { requireRoot } from './tools.ts';

interface Context {
  readonly emit: Emit;
  readonly signal?: AbortSignal;
}

/** false when there was nothing of such a lab. LAB with a list when something is left. */
export async function labDown(lab: string, { emit, signal }: Context): Promise<boolean> {
  checkLabName(lab);
  requireRoot();
  await checkClaim(lab);
  const onWait = () => emit({ kind: 'progress', task: 'lab', message: `another process is working on lab ${lab}; waiting for it` });
  return withLock(labLockFile(lab), () => takeDown(lab, emit), { onWait, signal });
}

/** Names of the labs of this state directory; a lab is named there or claimed before anything of it is made. */
export async function labNames(): Promise<readonly string[]> {
  return [...new Set([...(await ownClaims()), ...(await readdir(labsDirectory()).catch(() => []))])].sort();
}

async function takeDown(lab: string, emit: Emit): Promise<boolean> {
  const cgroups = await cgroupsOfBox();
  const machines = await machinesThere(lab, cgroups);
  const undos = await armedUndos(lab);
  const there =
    machines.length > 0 || undos.length > 0 || (await labNames()).includes(lab) || (await namespaces()).includes(switchNamespace(lab));
  if (!there) return false;
  emit({ kind: 'progress', task: 'lab', message: `taking down lab ${lab} (${machines.join(', ') || 'no machines'})`, usualSeconds: 3 });
  // They would wait for this lab's lock, and boot a machine of a lab that is gone.
  for (const { machine } of undos) await endUndo(lab, machine);
  await Promise.all(
    machines.map(async (machine) => {
      await pullCable(lab, machine);
      await killMachine(machineId(lab, machine), cgroups);
      await disconnectMachine(lab, machine);
    }),
  );
  await removeNamespace(switchNamespace(lab));
  const { directory } = labDirectories(lab);
  await detachEtcdDisks(lab);
  for (const mount of (await mountsBelow(directory)).toReversed()) await runTool(['umount', '--lazy', mount]);
  await checkNothingLeft(lab, cgroups);
  await rm(directory, { recursive: true, force: true });
  await releaseLab(lab);
  return true;
}

/** By everything that could name one: a crash may have left any part without the others. */
async function machinesThere(lab: string, cgroups: Cgroups): Promise<readonly string[]> {
  const ids = [...(await namespaces()), ...(await cgroups.ids())];
  const owned = ids.flatMap((id) => {
    const owner = ownerOf(id);
    return owner?.lab === lab && owner.machine !== undefined ? [owner.machine] : [];
  });
  const kept = await readdir(labDirectories(lab).machines).catch(() => []);
  return [...new Set([...owned, ...kept.filter(isMachineName)])].sort();
}

async function checkNothingLeft(lab: string, cgroups: Cgroups): Promise<void> {
  const ofLab = (names: readonly string[]) => names.filter((name) => ownerOf(name)?.lab === lab);
  const ids = ofLab(await cgroups.ids());
  const pids = (await Promise.all(ids.map((id) => cgroups.pids(id)))).flat();
  const findings = [
    ...pids.map((pid) => `process ${pid}`),
    ...(await armedUndos(lab)).map(({ pid, machine }) => `process ${pid}, which undoes a drill's fault on ${machine}`),
    ...(await etcdDisksAttached(lab)).map((device) => `loop device ${device}`),
    ...ids.map((id) => `cgroup ${id}`),
    ...ofLab(await namespaces()).map((name) => `network namespace ${name}`),
    ...(await mountsBelow(labDirectories(lab).directory)).map((mount) => `mount ${mount}`),
  ];
  if (findings.length === 0) return;
  throw new Failure('LAB', `lab ${lab} is not gone: ${findings.length} things are left`, {
    findings,
    remedy: `Run again: trivet lab down --name ${lab}`,
  });
}

/** Mount points of this process's mount namespace below a directory, parents first. */
async function mountsBelow(directory: string): Promise<readonly string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const points = lines.flatMap(
    (line) => line.split(' ')[4]?.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))) ?? [],
  );
  return points.filter((point) => point.startsWith(join(directory, '/')));
}
