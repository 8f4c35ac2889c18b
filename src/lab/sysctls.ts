/** The few kernel settings of the box that Kubernetes insists on: set while a lab is up, put back when the last one goes. */

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

interface Wanted {
  readonly path: string;
  readonly value: number;
  /** at-least: a higher value is left alone. */
  readonly rule: 'exactly' | 'at-least';
}

/**
 * The first six are written by kubelet at every start, which fails when it may not write them and they differ
 * (k8s.io/kubernetes/pkg/kubelet/cm, setupKernelTunables). The inotify limits count per user, and root of all machines is one user.
 */
const wanted: readonly Wanted[] = [
  { path: 'vm/overcommit_memory', value: 1, rule: 'exactly' },
  { path: 'vm/panic_on_oom', value: 0, rule: 'exactly' },
  { path: 'kernel/panic', value: 10, rule: 'exactly' },
  { path: 'kernel/panic_on_oops', value: 1, rule: 'exactly' },
  { path: 'kernel/keys/root_maxkeys', value: 1_000_000, rule: 'exactly' },
  { path: 'kernel/keys/root_maxbytes', value: 25_000_000, rule: 'exactly' },
  { path: 'fs/inotify/max_user_instances', value: 8192, rule: 'at-least' },
  { path: 'fs/inotify/max_user_watches', value: 524_288, rule: 'at-least' },
];

export interface SysctlChange {
  readonly path: string;
  readonly before: number;
  readonly after: number;
}

/** What has to change, given the values of now. */
export function sysctlChanges(now: ReadonlyMap<string, number>): readonly SysctlChange[] {
  return wanted.flatMap(({ path, value, rule }) => {
    const before = now.get(path);
    if (before === undefined || before === value || (rule === 'at-least' && before > value)) return [];
    return [{ path, before, after: value }];
  });
}

/** Call with the box's lock held. The values of before are saved first, so that a crash loses none. */
export async function applySysctls(saved: string): Promise<void> {
  const earlier = await readSaved(saved);
  const now = new Map<string, number>();
  for (const { path } of wanted) {
    const value = await read(path);
    if (value !== undefined) now.set(path, value);
  }
  const changes = sysctlChanges(now);
  if (changes.length === 0) return;
  const kept = [...earlier, ...changes.filter(({ path }) => !earlier.some((entry) => entry.path === path))];
  await mkdir(dirname(saved), { recursive: true });
  await writeFile(`${saved}.new`, JSON.stringify(kept));
  await rename(`${saved}.new`, saved);
  for (const { path, after } of changes) await writeFile(`/proc/sys/${path}`, String(after));
}

/** Call with the box's lock held, when no lab is left. A value that somebody else changed meanwhile is left alone. */
export async function restoreSysctls(saved: string): Promise<void> {
  for (const { path, before, after } of await readSaved(saved)) {
    if ((await read(path)) === after) await writeFile(`/proc/sys/${path}`, String(before));
  }
  await rm(saved, { force: true });
}

async function read(path: string): Promise<number | undefined> {
  const text = await readFile(`/proc/sys/${path}`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text.trim());
}

async function readSaved(saved: string): Promise<readonly SysctlChange[]> {
  const text = await readFile(saved, 'utf8').catch(() => '[]');
  const entries: unknown = JSON.parse(text);
  return Array.isArray(entries) ? entries.filter(isChange) : [];
}

function isChange(entry: unknown): entry is SysctlChange {
  return typeof entry === 'object' && entry !== null && 'path' in entry && 'before' in entry && 'after' in entry;
}
