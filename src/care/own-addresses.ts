/** Which addresses are this machine's own; asked of the kernel again now and then, for they come and go. */

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import type { Address } from './address.ts';

/** `now`: monotonic milliseconds. A kernel that does not tell is as good as no change. */
export function ownAddresses(
  now: () => number,
  read: () => NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces,
): (address: Address) => boolean {
  let known: ReadonlySet<string> = new Set();
  let readMs = Number.NEGATIVE_INFINITY;
  return ({ ip }) => {
    if (now() - readMs > 5000) {
      readMs = now();
      try {
        known = new Set(Object.values(read()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address)));
      } catch {
        // E.g. out of descriptors.
      }
    }
    return known.has(ip) || ip.startsWith('127.');
  };
}
