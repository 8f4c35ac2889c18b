/** Power of single machines: off as when the plug is pulled, on as a boot. */

import type { Emit } from '../model/event.ts';
import { Failure } from '../model/failure.ts';
import { cgroupsOfBox } from './cgroups.ts';
import { claimLab, labLockFile } from './claims.ts';
import { killMachine } from './kill-machine.ts';
import { requireLab, requireMachine } from './lab-file.ts';
import { machineId } from './lab-names.ts';
import { machineAnswers } from './lab-ssh.ts';
import { isOn, startMachine } from './lab-up.ts';
import { withLock } from './local-lock.ts';
import { disconnectMachine, ensureSwitch, pullCable } from './network.ts';
import { requireRoot } from './tools.ts';

export interface PowerInput {
  readonly lab: string;
  readonly machine: string;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  /** Called the moment that others notice: the cable is out, or the last process has stopped. */
  readonly onActed?: () => void;
}

/**
 * Cuts the machine's network first and ends its processes then, for dying processes would still say goodbye (FIN, RST).
 * false when it was off already. Its disk stays; what only its memory held is gone (but not the kernel's page cache).
 */
export async function powerOff({ lab: name, machine: machineName, emit, signal, onActed }: PowerInput): Promise<boolean> {
  requireRoot();
  const lab = await requireLab(name);
  const machine = requireMachine(lab, machineName);
  return locked({ name, emit, signal }, async () => {
    const cgroups = await cgroupsOfBox();
    const id = machineId(name, machine.name);
    await pullCable(name, machine.name);
    onActed?.();
    emit({ kind: 'progress', task: 'power', message: `${machine.name} is cut off` });
    const wasOn = (await cgroups.pids(id)).length > 0;
    const dead = await killMachine(id, cgroups);
    await disconnectMachine(name, machine.name);
    if (!dead)
      throw new Failure('LAB', `processes of machine ${machine.name} cannot be ended`, { remedy: `trivet lab down --name ${name}` });
    return wasOn;
  });
}

/** Stops all processes of a machine that is on; its cable stays in, and its part of the box's kernel still answers ARP and TCP. LAB when it is off. */
export async function freezeMachine({ lab: name, machine: machineName, emit, signal, onActed }: PowerInput): Promise<void> {
  requireRoot();
  const machine = requireMachine(await requireLab(name), machineName);
  await locked({ name, emit, signal }, async () => {
    const cgroups = await cgroupsOfBox();
    if (!(await isOn(name, machine, cgroups)))
      throw new Failure('LAB', `machine ${machine.name} is off: there is nothing to freeze`, {
        remedy: `trivet lab power on ${machine.name} --name ${name}`,
      });
    await cgroups.freeze(machineId(name, machine.name));
    onActed?.();
    emit({ kind: 'progress', task: 'power', message: `${machine.name} is frozen` });
  });
}

/** Boots the machine from its disk, or lets a frozen one go on, and waits for its sshd; false when it was on already. */
export async function powerOn({ lab: name, machine: machineName, emit, signal }: PowerInput): Promise<boolean> {
  requireRoot();
  const lab = await requireLab(name);
  const machine = requireMachine(lab, machineName);
  return locked({ name, emit, signal }, async () => {
    const cgroups = await cgroupsOfBox();
    await cgroups.thaw(machineId(name, machine.name));
    const on = await isOn(name, machine, cgroups);
    if (!on) {
      emit({ kind: 'progress', task: 'boot', message: `booting ${machine.name}`, usualSeconds: 4 });
      // After a reboot of the box nothing but the disks is left.
      await claimLab(name);
      await ensureSwitch(name);
      await startMachine(lab, machine, cgroups);
    }
    await machineAnswers(name, machine, { deadlineSeconds: 180, signal });
    return !on;
  });
}

function locked<T>(
  { name, emit, signal }: { readonly name: string; readonly emit: Emit; readonly signal: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const onWait = () => emit({ kind: 'progress', task: 'lab', message: `another process is working on lab ${name}; waiting for it` });
  return withLock(labLockFile(name), work, { onWait, signal });
}
