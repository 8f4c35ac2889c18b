/** Removes everything of one virtual server from this machine, whichever kind of data plane made it. */

import { Failure } from '../../model/failure.ts';
import { addressText } from '../address.ts';
import type { DataplaneInput } from './dataplane.ts';
import { parseRules } from './ipvs/parse-rules.ts';
import { lastWords, programOutput, runIfInstalled } from './run-program.ts';
import { nftFamily, serviceName } from './service-names.ts';
import { undoMachineChanges } from './vip-address.ts';
import { removeRoute } from './vip-route.ts';

export type CleanInput = Pick<DataplaneInput, 'service' | 'stateDirectory'>;

/** Idempotent; returns what it removed, a line each. CARE_DATAPLANE when something is there and cannot be removed. */
export async function cleanDataplane(input: CleanInput): Promise<readonly string[]> {
  const { service } = input;
  const name = serviceName(service);
  const route = (await runIfInstalled(['ip', '-V'])) === undefined ? [] : await removeRoute(service);
  return [
    ...(await removeTable(nftFamily(service), name)),
    ...(await removeVirtualServer(input)),
    ...route,
    ...(await undoMachineChanges(input)),
    ...(await removeTable('arp', name)),
  ];
}

export async function removeTable(family: string, name: string): Promise<readonly string[]> {
  const listed = await runIfInstalled(['nft', 'list', 'table', family, name]);
  if (listed === undefined) return [];
  if (listed.code !== 0) {
    if (/No such file|does not exist/.test(listed.stderr)) return [];
    throw new Failure('CARE_DATAPLANE', `nft cannot look for the table ${family} ${name}: ${lastWords(listed)}`);
  }
  await programOutput(['nft', 'delete', 'table', family, name]);
  return [`table ${family} ${name} removed`];
}

export async function removeVirtualServer({ service }: CleanInput): Promise<readonly string[]> {
  // A kernel without IP_VS has nothing to remove.
  const listed = await runIfInstalled(['ipvsadm', '-S', '-n']);
  if (listed === undefined || listed.code !== 0 || parseRules(listed.stdout, service) === undefined) return [];
  await programOutput(['ipvsadm', '-D', '-t', addressText(service)]);
  return [`virtual server ${addressText(service)} removed from IPVS`];
}
