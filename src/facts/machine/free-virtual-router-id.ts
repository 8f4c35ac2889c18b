/** Which VRRP id a cluster takes: the one it has, else the file's, else one that nobody was heard to use. */

import type { Host } from '../../model/host.ts';
import type { KeepalivedInstance } from './keepalived-instances.ts';
import type { VrrpAdvert } from './vrrp-seen.ts';

export interface RouterIdWish {
  /** The VIP. */
  readonly address: string;
  /** The file's own choice. */
  readonly chosen: number | undefined;
  /** The machines among which the VIP moves. */
  readonly own: readonly Host[];
}

/**
 * 1–255. `existing` is the id of an earlier run (existingVirtualRouterId): it stays, since two ids would be two VIPs.
 * Depends on nothing but its arguments; when all 255 are taken it is the one it would have begun with.
 */
export function freeVirtualRouterId(wish: RouterIdWish, seen: readonly VrrpAdvert[], existing?: number): number {
  const chosen = existing ?? wish.chosen;
  if (chosen !== undefined) return chosen;
  const taken = new Set(foreignAdverts(wish.own, seen).map((advert) => advert.virtualRouterId));
  const start = firstCandidate(wish.address);
  for (let step = 0; step < 255; step++) {
    const candidate = ((start - 1 + step) % 255) + 1;
    if (!taken.has(candidate)) return candidate;
  }
  return start;
}

/** Adverts of machines that are not this cluster's own. */
export function foreignAdverts(hosts: readonly Host[], seen: readonly VrrpAdvert[]): readonly VrrpAdvert[] {
  const own = new Set(hosts.flatMap((host) => [host.address, host.internalAddress]));
  return seen.filter((advert) => !own.has(advert.source));
}

/** The id under which one of the machines' keepalived files already carries the VIP. */
export function existingVirtualRouterId(instances: readonly KeepalivedInstance[], vip: string): number | undefined {
  return instances.find((instance) => instance.addresses.includes(vip))?.virtualRouterId;
}

/** The address's last byte: clusters side by side have different VIPs. 0 is no id. */
function firstCandidate(address: string): number {
  const last = Number(address.split('.').at(-1));
  return Number.isInteger(last) && last >= 1 && last <= 255 ? last : 51;
}
