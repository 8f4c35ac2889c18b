/** A lab's machines answer only inside its network namespace: commands given its cluster file go there by themselves. */

import { existsSync } from 'node:fs';
import { isSea } from 'node:sea';
import { enteredVariable, labSwitchNamespace } from '../lab/run-in-lab.ts';
import { Failure } from '../model/failure.ts';

/** Replaces this process by itself inside the lab's namespace, unless it is there already. Returns only then. */
export function enterLab(lab: string | undefined): void {
  if (lab === undefined || process.env[enteredVariable] === lab) return;
  const namespace = checkLabIsUp(lab);
  // An exec, not a child: a kill -9 of the command must not leave a second half running.
  if (process.execve === undefined) throw new Failure('INTERNAL', 'this Node has no process.execve; 22.15 or newer is needed');
  process.removeAllListeners('warning');
  process.execve(
    '/usr/bin/nsenter',
    ['nsenter', `--net=${namespace}`, process.execPath, ...process.execArgv, ...process.argv.slice(isSea() ? 2 : 1)],
    {
      ...definedEnvironment(),
      [enteredVariable]: lab,
    },
  );
}

/** The path of its network namespace; a Failure LAB_MISSING when there is none. */
export function checkLabIsUp(lab: string): string {
  const namespace = labSwitchNamespace(lab);
  if (existsSync(namespace)) return namespace;
  throw new Failure('LAB_MISSING', `the cluster file names the lab ${lab}, which is not up on this machine`, {
    remedy: `trivet lab up --name ${lab}, or trivet lab status`,
  });
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}
