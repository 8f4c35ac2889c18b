/** Which labs there are on this box, whoever's state directory they lie in: their namespaces share one set of names. */

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../model/failure.ts';
import { labDirectories } from './lab-directories.ts';
import { withLock } from './local-lock.ts';
import { applySysctls, restoreSysctls } from './sysctls.ts';

/** Emptied at every boot of the box, like the namespaces and the sysctls themselves. */
const directory = '/run/trivet';
const claims = join(directory, 'labs');
const saved = join(directory, 'sysctls.json');

/** Lock of one lab: up, down and power take it. */
export function labLockFile(lab: string): string {
  return join(directory, `lab-${lab}.lock`);
}

/** Takes the lab's name on this box and sets the box's sysctls; LAB when another state directory has it. */
export async function claimLab(lab: string): Promise<void> {
  await mkdir(claims, { recursive: true });
  await checkClaim(lab);
  await onBox(async () => {
    await writeFile(join(claims, lab), labDirectories(lab).directory);
    await applySysctls(saved);
  });
}

/** Gives the name back; with the last one the box's sysctls are put back. */
export async function releaseLab(lab: string): Promise<void> {
  await onBox(async () => {
    await rm(join(claims, lab), { force: true });
    if ((await claimedLabs()).length === 0) await restoreSysctls(saved);
  });
}

/** LAB when the lab of this name lies in another state directory, for nobody should change or take down another's. */
export async function checkClaim(lab: string): Promise<void> {
  const holder = await readFile(join(claims, lab), 'utf8').catch(() => undefined);
  const own = labDirectories(lab).directory;
  if (holder === undefined || holder === '' || holder === own) return;
  const state = holder.replace(/\/trivet\/labs\/[^/]*$/, '');
  throw new Failure('LAB', `there is another lab named ${lab} on this machine, kept in ${holder}`, {
    remedy: `Choose another --name, or take that one down: XDG_STATE_HOME=${state} trivet lab down --name ${lab}`,
  });
}

/** Names of the labs of this state directory that have been claimed since the box's last boot. */
export async function ownClaims(): Promise<readonly string[]> {
  const names = await claimedLabs();
  const holders = await Promise.all(names.map((lab) => readFile(join(claims, lab), 'utf8').catch(() => undefined)));
  return names.filter((lab, index) => holders[index] === '' || holders[index] === labDirectories(lab).directory);
}

function claimedLabs(): Promise<readonly string[]> {
  return readdir(claims).catch(() => []);
}

function onBox(work: () => Promise<void>): Promise<void> {
  return withLock(join(directory, 'box.lock'), work, { onWait: () => undefined });
}
