/** Follows how much memory a process and its descendants need, by what the kernel noted (VmHWM). */

import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';

export const peakMemorySchema = z.object({
  /** MB of trivet itself: everything in the tree but ssh. */
  own: z.number(),
  /** MB of all, the peaks of those that lived at the same time added up: never less than what was really needed at once. */
  withSsh: z.number(),
  /** How many ssh processes lived at once. */
  sshProcesses: z.number(),
});

export type PeakMemory = z.infer<typeof peakMemorySchema>;

/** Looking for new processes means reading all of /proc: seldom enough not to be felt. */
const searchMs = 1000;
const lookMs = 100;

export function followMemory(pid: number): { readonly stop: () => PeakMemory } {
  const peak = { own: 0, withSsh: 0, sshProcesses: 0 };
  let members: readonly number[] = [pid];
  const look = () => {
    const processes = members.flatMap((member) => readStatus(member) ?? []);
    const sum = (list: typeof processes) => (list.reduce((total, { peakKiB }) => total + peakKiB, 0) * 1.024) / 1000;
    const ssh = processes.filter(({ name }) => name.startsWith('ssh'));
    peak.own = Math.max(peak.own, sum(processes) - sum(ssh));
    peak.withSsh = Math.max(peak.withSsh, sum(processes));
    peak.sshProcesses = Math.max(peak.sshProcesses, ssh.length);
  };
  const timers = [
    setInterval(look, lookMs),
    setInterval(() => {
      members = tree(pid);
    }, searchMs),
  ];
  return {
    stop() {
      for (const timer of timers) clearInterval(timer);
      return { own: Number(peak.own.toFixed(1)), withSsh: Number(peak.withSsh.toFixed(1)), sshProcesses: peak.sshProcesses };
    },
  };
}

/** Not every kernel lists a process's children, but every process names its parent. */
function tree(root: number): readonly number[] {
  const parents = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [{ pid: Number(name), parent: parentOf(name) }] : []));
  const members = [root];
  for (const member of members) members.push(...parents.filter(({ parent }) => parent === member).map(({ pid }) => pid));
  return members;
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

function readStatus(pid: number): { readonly name: string; readonly peakKiB: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
    return { name: field('Name'), peakKiB: Number.parseInt(field('VmHWM') || '0', 10) };
  } catch {
    return undefined;
  }
}
