/** The names a lab gives to what it makes on the box, chosen so that a name found there says whose it is. */

import { Failure } from '../model/failure.ts';

/** Machines are m1…m9 (masters), w1…w9, e1…e9 (etcd), l1…l9 (balancers). */
const machine = /^[mwel][1-9]$/;
const labOfMachine = /^trivet-(?<lab>.+)-(?<machine>[mwel][1-9])$/;
const labOfSwitch = /^trivet-(?<lab>.+)$/;

/** Throws USAGE unless name is a DNS label of at most 32 characters that cannot be mistaken for a machine of another lab. */
export function checkLabName(name: string): string {
  if (!/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name))
    throw new Failure('USAGE', `${JSON.stringify(name)} is no name for a lab`, {
      remedy: 'Use at most 32 small letters, digits and hyphens, beginning with a letter: --name rehearsal',
    });
  if (/-[mwel][1-9]$/.test(name))
    throw new Failure('USAGE', `a lab cannot be called ${name}: its end reads like a machine's name`, {
      remedy: `Choose another name, such as ${name}x`,
    });
  return name;
}

export function isMachineName(name: string): boolean {
  return machine.test(name);
}

/** Network namespace of the lab's switch; the operator's side of the lab. */
export function switchNamespace(lab: string): string {
  return `trivet-${lab}`;
}

/** The path that nsenter --net= takes. */
export function namespacePath(namespace: string): string {
  return `/run/netns/${namespace}`;
}

/** Name of a machine's network namespace, of its cgroups, and of its nspawn container. */
export function machineId(lab: string, name: string): string {
  return `trivet-${lab}-${name}`;
}

/** Which lab, and which of its machines, a namespace or cgroup belongs to; undefined: not made by a lab. */
export function ownerOf(name: string): { readonly lab: string; readonly machine: string | undefined } | undefined {
  const groups = labOfMachine.exec(name)?.groups ?? labOfSwitch.exec(name)?.groups;
  return groups?.lab === undefined ? undefined : { lab: groups.lab, machine: groups.machine };
}
