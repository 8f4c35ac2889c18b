/** What a data plane changed on the machine beyond its own table, with the values before: kept on disk so that clean puts them back. */

import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address } from '../address.ts';
import { isRecord, parseJson, textOf } from '../json.ts';
import { serviceName } from './service-names.ts';

export interface MachineChanges {
  /** Interface on which the VIP was put; undefined: none. */
  readonly addressOn: string | undefined;
  /** Interface that was made (mode link); undefined: none. */
  readonly link: string | undefined;
  /** /proc/sys paths with dots, and what they were before. */
  readonly sysctls: Readonly<Record<string, string>>;
}

export const noChanges: MachineChanges = { addressOn: undefined, link: undefined, sysctls: {} };

/** An unreadable or damaged file is as none: what was there before is not known then. */
export async function readChanges(stateDirectory: string, service: Address): Promise<MachineChanges> {
  const content = parseJson(await readFile(fileOf(stateDirectory, service), 'utf8').catch(() => ''));
  if (!isRecord(content)) return noChanges;
  const sysctls = Object.entries(isRecord(content.sysctls) ? content.sysctls : {}).flatMap(([name, value]) =>
    typeof value === 'string' && /^[a-z0-9_.-]+$/i.test(name) ? [[name, value] as const] : [],
  );
  return { addressOn: textOf(content.addressOn), link: textOf(content.link), sysctls: Object.fromEntries(sysctls) };
}

/** Whole or not at all, also over a power cut. Called before the change is made. */
export async function writeChanges(stateDirectory: string, service: Address, changes: MachineChanges): Promise<void> {
  const path = fileOf(stateDirectory, service);
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(changes)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

export async function forgetChanges(stateDirectory: string, service: Address): Promise<void> {
  await rm(fileOf(stateDirectory, service), { force: true });
}

function fileOf(stateDirectory: string, service: Address): string {
  return join(stateDirectory, `${serviceName(service)}.changes.json`);
}
