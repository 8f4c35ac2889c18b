/** Brings a lab up: makes what is missing, powers on what is off, leaves alone what runs. */

import { mkdir, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Emit } from '../model/event.ts';
import { Failure } from '../model/failure.ts';
import { bootMachine } from './boot.ts';
import { type Cgroups, cgroupsOfBox } from './cgroups.ts';
import { checkClaim, claimLab, labLockFile } from './claims.ts';
import { clusterFile } from './cluster-file.ts';
import { etcdDiskLimits } from './etcd-disk.ts';
import { cachedImage } from './image.ts';
import type { ImageRecipe, Release } from './image-recipe.ts';
import { killMachine } from './kill-machine.ts';
import { labDirectories } from './lab-directories.ts';
import { type Lab, readLabFile, writeLabFile } from './lab-file.ts';
import { checkLabName, machineId } from './lab-names.ts';
import { type LabMachine, type LabShape, planMachines } from './lab-plan.ts';
import { machineAnswers } from './lab-ssh.ts';
import { withLock } from './local-lock.ts';
import { ensureMachineDisk, knownHostsLine } from './machine-disk.ts';
import { cableIsUp, connectMachine, ensureSwitch } from './network.ts';
import { runTool } from './run-tool.ts';
import { ensureTools, requireRoot } from './tools.ts';
import { cachedKernel } from './uml/kernel.ts';

export interface LabUpInput {
  readonly name: string;
  readonly shape: LabShape;
  /** Debian's release; default trixie (13). */
  readonly release?: Release;
  /** Names of Debian packages or absolute paths of .deb files put into the machines beforehand; default none. */
  readonly packages?: readonly string[];
  /** Gives etcd a disk of its own of so many MB on every master and etcd machine; default none. */
  readonly etcdDiskMb?: number;
  /** Bundle to be named in the cluster file. */
  readonly bundle?: string;
  readonly emit: Emit;
  readonly signal?: AbortSignal;
}

export interface LabUpResult {
  readonly lab: Lab;
  /** Absolute path of the cluster file. */
  readonly clusterFile: string;
  /** Machines that were booted now; none when the lab was up already. */
  readonly booted: readonly string[];
}

/** USAGE, LAB or TOOL_MISSING. May be interrupted anywhere: the next up goes on, a down removes all. */
export async function labUp(input: LabUpInput): Promise<LabUpResult> {
  const { emit, signal } = input;
  const name = checkLabName(input.name);
  const machines = planMachines(input.shape);
  checkDiskSize(input.etcdDiskMb);
  requireRoot();
  await checkClaim(name);
  await ensureTools(emit, signal);
  const onWait = () => emit({ kind: 'progress', task: 'lab', message: `another process is working on lab ${name}; waiting for it` });
  return withLock(labLockFile(name), () => bringUp(input, machines), { onWait, signal });
}

async function bringUp(input: LabUpInput, machines: readonly LabMachine[]): Promise<LabUpResult> {
  const { name, emit, signal } = input;
  const earlier = await readLabFile(name);
  if (earlier !== undefined) checkShape(earlier, input, machines);
  const recipe = { release: input.release ?? 'trixie', packages: input.packages ?? [] };
  const image = earlier?.image ?? (await cachedImage(recipe, { emit, signal }));
  const kernel = earlier?.kernel ?? (await kernelOf(machines, recipe, { emit, signal }));
  signal?.throwIfAborted();
  await claimLab(name);
  const directories = labDirectories(name);
  await mkdir(directories.machines, { recursive: true });
  const bundle = input.bundle === undefined ? earlier?.bundle : resolve(input.bundle);
  const created = earlier?.created ?? new Date().toISOString();
  const optional = { ...(bundle === undefined ? {} : { bundle }), ...(kernel === undefined ? {} : { kernel }), ...diskOf(input) };
  const lab: Lab = { formatVersion: 1, name, created, ...recipe, image, ...optional, machines };
  await writeLabFile(lab);
  await ensureKey(directories.key);
  await ensureSwitch(name);
  for (const machine of machines) await ensureMachineDisk(name, machine, diskOf(input));
  const knownHosts = await Promise.all(machines.map((machine) => knownHostsLine(name, machine)));
  await writeFile(directories.knownHosts, `${knownHosts.join('\n')}\n`);
  if (bundle !== earlier?.bundle || !(await exists(directories.clusterFile)))
    await writeFile(
      directories.clusterFile,
      clusterFile({ lab: name, machines, keyFile: directories.key, knownHosts: directories.knownHosts, bundle }),
    );
  const booted = await bootMissing(lab, { emit, signal });
  return { lab, clusterFile: directories.clusterFile, booted };
}

/** undefined when no machine has a kernel of its own. Such a machine loads modules, so its image has kmod. */
async function kernelOf(
  machines: readonly LabMachine[],
  recipe: ImageRecipe,
  context: { readonly emit: Emit; readonly signal: AbortSignal | undefined },
): Promise<Lab['kernel']> {
  if (!machines.some(({ kind }) => kind === 'uml')) return undefined;
  const kernel = await cachedKernel(context);
  const packages = [...new Set([...recipe.packages, 'kmod'])];
  return { ...kernel, image: await cachedImage({ ...recipe, packages }, context) };
}

async function bootMissing(
  lab: Lab,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal | undefined },
): Promise<readonly string[]> {
  const cgroups = await cgroupsOfBox();
  const states = await Promise.all(lab.machines.map(async (machine) => ({ machine, on: await isOn(lab.name, machine, cgroups) })));
  const off = states.filter(({ on }) => !on).map(({ machine }) => machine);
  const names = off.map((machine) => machine.name);
  if (off.length === 0) emit({ kind: 'progress', task: 'lab', message: `lab ${lab.name} is up already; nothing to do` });
  else emit({ kind: 'progress', task: 'boot', message: `booting ${names.join(', ')}`, usualSeconds: 2 + 2 * off.length });
  await allDone(off.map((machine) => startMachine(lab, machine, cgroups)));
  await allDone(lab.machines.map((machine) => machineAnswers(lab.name, machine, { deadlineSeconds: 180, signal })));
  return names;
}

/** Whether its processes run and its cable is in. */
export async function isOn(lab: string, machine: LabMachine, cgroups: Cgroups): Promise<boolean> {
  return (await cgroups.pids(machineId(lab, machine.name))).length > 0 && (await cableIsUp(lab, machine));
}

/** From whatever is left of it, to a machine that boots. */
export async function startMachine(lab: Lab, machine: LabMachine, cgroups: Cgroups): Promise<void> {
  if (!(await killMachine(machineId(lab.name, machine.name), cgroups)))
    throw new Failure('LAB', `processes of machine ${machine.name} cannot be ended`, { remedy: `trivet lab down --name ${lab.name}` });
  await connectMachine(lab.name, machine);
  await bootMachine({ lab, machine, cgroups });
}

function checkShape(lab: Lab, input: LabUpInput, machines: readonly LabMachine[]): void {
  const text = (value: Pick<Lab, 'machines' | 'release' | 'packages' | 'etcdDiskMb'>) =>
    [
      value.machines.map(({ name, kind }) => (kind === 'uml' ? `${name} (own kernel)` : name)).join(' '),
      `Debian ${value.release}`,
      ...value.packages,
      ...(value.etcdDiskMb === undefined ? [] : [`disks of ${value.etcdDiskMb} MB for etcd`]),
    ].join(', ');
  const [there, asked] = [
    text(lab),
    text({ machines, release: input.release ?? 'trixie', packages: input.packages ?? [], ...diskOf(input) }),
  ];
  if (there === asked) return;
  throw new Failure('LAB', `lab ${lab.name} is there with another shape: it has ${there}; asked for is ${asked}`, {
    remedy: `trivet lab down --name ${lab.name}, or another --name`,
  });
}

/** Unlike Promise.all it waits for all, so that nothing is still being made when the lab's lock is given back. */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}

function diskOf({ etcdDiskMb }: LabUpInput): { readonly etcdDiskMb?: number } {
  return etcdDiskMb === undefined ? {} : { etcdDiskMb };
}

function checkDiskSize(megabytes: number | undefined): void {
  const { least, most } = etcdDiskLimits;
  if (megabytes === undefined || (Number.isInteger(megabytes) && megabytes >= least && megabytes <= most)) return;
  throw new Failure('USAGE', `a disk for etcd has ${least} to ${most} MB, not ${megabytes}`, { remedy: 'Give --etcd-disk 512' });
}

async function ensureKey(key: string): Promise<void> {
  if ((await exists(key)) && (await exists(`${key}.pub`))) return;
  await runTool(['sh', '-c', 'rm -f "$1" "$1.pub" && exec ssh-keygen -q -t ed25519 -N "" -C trivet-lab -f "$1"', 'key', key]);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
