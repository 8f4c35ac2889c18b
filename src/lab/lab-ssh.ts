/** How a lab's machine is reached by ssh: the lab's own key and host keys, and nothing of the operator's configuration. */

import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import { labDirectories, machineDirectories } from './lab-directories.ts';
import type { LabMachine } from './lab-plan.ts';
import { runInLab } from './run-in-lab.ts';

/** argv for use inside the lab's namespace. */
export function labSshCommand(lab: string, machine: LabMachine, argv: readonly string[] = []): readonly string[] {
  const { key, knownHosts } = labDirectories(lab);
  const options = [
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
    'GlobalKnownHostsFile=none',
    'LogLevel=ERROR',
  ];
  return ['ssh', '-F', 'none', '-i', key, ...options.flatMap((option) => ['-o', option]), '--', `root@${machine.address}`, ...argv];
}

/** Resolves when sshd lets us in; LAB after the deadline. */
export async function machineAnswers(
  lab: string,
  machine: LabMachine,
  { deadlineSeconds, signal }: { readonly deadlineSeconds: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const [ssh = '', ...rest] = labSshCommand(lab, machine, ['true']);
  const probe = [ssh, '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=2', ...rest];
  let last = '';
  for (const deadline = performance.now() + deadlineSeconds * 1000; performance.now() < deadline; ) {
    const result = await runInLab(lab, probe, { timeoutSeconds: 30, ...(signal === undefined ? {} : { signal }) });
    if (result.code === 0) return;
    last = result.stderr.trim();
    await delay(200, undefined, signal === undefined ? {} : { signal });
  }
  throw new Failure('LAB', `machine ${machine.name} of lab ${lab} does not answer on its SSH port within ${deadlineSeconds} s: ${last}`, {
    host: machine.name,
    remedy: `Look at its console, then: trivet lab down --name ${lab}`,
    log: machineDirectories(lab, machine.name).consoleLog,
  });
}
