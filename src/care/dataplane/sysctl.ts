/** Kernel settings that a data plane needs, with the values before kept so that clean restores them. */

import { readFile, writeFile } from 'node:fs/promises';
import type { DataplaneInput } from './dataplane.ts';
import { readChanges, writeChanges } from './machine-changes.ts';

/** Sets those that differ; returns a line for each. */
export async function ensureSysctls(input: DataplaneInput, wanted: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const [name, value] of Object.entries(wanted)) {
    const before = await readSysctl(name);
    if (before === value) continue;
    const changes = await readChanges(input.stateDirectory, input.service);
    const sysctls = { [name]: before, ...changes.sysctls };
    await writeChanges(input.stateDirectory, input.service, { ...changes, sysctls });
    await writeSysctl(name, value);
    changed.push(`${name} set to ${value}`);
  }
  return changed;
}

/** Gone with its module is as good as restored. */
export async function restoreSysctls(sysctls: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const [name, value] of Object.entries(sysctls)) {
    const now = await readSysctl(name).catch(() => undefined);
    if (now === undefined || now === value) continue;
    await writeSysctl(name, value);
    changed.push(`${name} set back to ${value}`);
  }
  return changed;
}

async function readSysctl(name: string): Promise<string> {
  return (await readFile(pathOf(name), 'utf8')).trim();
}

function writeSysctl(name: string, value: string): Promise<void> {
  return writeFile(pathOf(name), value);
}

function pathOf(name: string): string {
  return `/proc/sys/${name.replaceAll('.', '/')}`;
}
