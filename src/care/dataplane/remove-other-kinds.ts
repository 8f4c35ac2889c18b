/** What another kind of data plane left of this virtual server would stand in the way of the new one. */

import type { DataplaneKind } from '../settings.ts';
import { removeTable, removeVirtualServer } from './clean-dataplane.ts';
import type { DataplaneInput } from './dataplane.ts';
import { readChanges } from './machine-changes.ts';
import { nftFamily, serviceName } from './service-names.ts';
import { undoMachineChanges } from './vip-address.ts';
import { removeRoute } from './vip-route.ts';

/** Returns what it removed, a line each. What this kind itself left stays: it is put right without an interruption. */
export async function removeOtherKinds(kind: DataplaneKind, input: DataplaneInput): Promise<readonly string[]> {
  const { service, mode, stateDirectory } = input;
  const removed: string[] = [];
  const { addressOn } = await readChanges(stateDirectory, service);
  const wantedOn = kind === 'proxy' ? 'lo' : mode === 'link' ? input.interface : undefined;
  if (addressOn !== undefined && addressOn !== wantedOn) removed.push(...(await undoMachineChanges(input)));
  // In mode link ipvs and nft have a table of the same name, and each makes its own of it.
  if (kind === 'proxy' || (kind === 'ipvs' && mode === 'route'))
    removed.push(...(await removeTable(nftFamily(service), serviceName(service))));
  if (kind !== 'ipvs') removed.push(...(await removeVirtualServer(input)));
  if (kind === 'proxy' || mode === 'link') removed.push(...(await removeRoute(service)));
  return removed;
}
