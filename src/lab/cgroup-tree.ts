/** Walks cgroup directories; the same in both versions. */

import { readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';

/** A cgroup and all below it, parents first; empty when it is not there. */
export async function cgroupDirectories(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [];
  const below = await Promise.all(entries.filter((entry) => entry.isDirectory()).map((entry) => cgroupDirectories(join(root, entry.name))));
  return [root, ...below.flat()];
}

/** Every pid in these cgroups and all below them. A process of another pid namespace shows as 0 and is left out. */
export async function pidsBelow(roots: readonly string[]): Promise<readonly number[]> {
  const directories = (await Promise.all(roots.map(cgroupDirectories))).flat();
  const texts = await Promise.all(directories.map((directory) => readFile(join(directory, 'cgroup.procs'), 'utf8').catch(() => '')));
  return [...new Set(texts.flatMap((text) => text.split('\n').map(Number)))].filter((pid) => pid > 0);
}

/** false when something is left, which is so while a process is in it. */
export async function removeTrees(roots: readonly string[]): Promise<boolean> {
  for (const root of roots) {
    for (const directory of (await cgroupDirectories(root)).toReversed()) await rmdir(directory).catch(() => undefined);
  }
  return (await Promise.all(roots.map(cgroupDirectories))).flat().length === 0;
}

/** Names of lab machines' cgroups directly below these directories. */
export async function listIds(parents: readonly string[], suffix = ''): Promise<readonly string[]> {
  const names = await Promise.all(parents.map((parent) => readdir(parent).catch(() => [])));
  return [...new Set(names.flat().filter((name) => name.startsWith('trivet-') && name.endsWith(suffix)))];
}

/** The kernel tells of it in a file only; a process in the middle of a system call that cannot be interrupted takes its time. */
export async function frozenWithin10s(isFrozen: () => Promise<boolean>, thaw: () => Promise<void>): Promise<void> {
  try {
    for (const deadline = performance.now() + 10_000; performance.now() < deadline; await delay(2)) if (await isFrozen()) return;
    throw new Failure('LAB', 'the machine could not be frozen within 10 s; it goes on', { remedy: 'Run the same command again' });
  } catch (error) {
    await thaw();
    throw error;
  }
}
