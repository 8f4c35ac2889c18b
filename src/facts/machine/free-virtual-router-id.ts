/** Which VRRP id a cluster takes: the one it has, else the file's, else one that nobody was heard to use. */

import { type ClusterSpec, masters } from '../../model/cluster.ts';
import type { KeepalivedInstance } from './keepalived-instances.ts';
import type { VrrpAdvert } from './vrrp-seen.ts';

/**
 * 1–255. `existing` is the id of an earlier run (existingVirtualRouterId): it stays, since two ids would be two VIPs.
 * Depends on nothing but its arguments; when all 255 are taken it is the one it would have begun with.
 */
export function freeVirtualRouterId(cluster: ClusterSpec, seen: readonly VrrpAdvert[], existing?: number): number {
  const chosen = existing ?? cluster.schemeOptions.virtualRouterId;
  if (chosen !== undefined) return chosen;
  const taken = new Set(foreignAdverts(cluster, seen).map((advert) => advert.virtualRouterId));
  const start = firstCandidate(cluster.endpoint.address);
  for (let step = 0; step < 255; step++) {
    const candidate = ((start - 1 + step) % 255) + 1;
    if (!taken.has(candidate)) return candidate;
  }
  return start;
}

/** Adverts of machines that are not this cluster's masters. */
export function foreignAdverts(cluster: ClusterSpec, seen: readonly VrrpAdvert[]): readonly VrrpAdvert[] {
  const own = new Set(masters(cluster).flatMap((host) => [host.address, host.internalAddress]));
  return seen.filter((advert) => !own.has(advert.source));
}

/** The id under which one of the masters' keepalived files already carries the VIP. */
export function existingVirtualRouterId(instances: readonly KeepalivedInstance[], vip: string): number | undefined {
  return instances.find((instance) => instance.addresses.includes(vip))?.virtualRouterId;
}

/** The address's last byte: clusters side by side have different VIPs. 0 is no id. */
function firstCandidate(address: string): number {
  const last = Number(address.split('.').at(-1));
  return Number.isInteger(last) && last >= 1 && last <= 255 ? last : 51;
}
