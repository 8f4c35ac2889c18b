/** What belongs to one virtual server on a machine, told by its name. */

import type { Address } from '../address.ts';

/** `trivet-care-10-103-97-2-6443`: nft's tables, files in the state directory. */
export function serviceName({ ip, port }: Address): string {
  return `trivet-care-${ip.replaceAll(/[.:]/g, '-')}-${port}`;
}

/** nft's table is `ip NAME` or `ip6 NAME`. */
export function nftFamily({ family }: Address): 'ip' | 'ip6' {
  return family === 6 ? 'ip6' : 'ip';
}

/** The address as a network of one: `/32` or `/128`. */
export function hostPrefix({ ip, family }: Address): string {
  return `${ip}/${family === 6 ? 128 : 32}`;
}

export function isLoopback({ ip }: Address): boolean {
  return ip === '::1' || ip.startsWith('127.') || ip.startsWith('::ffff:127.');
}
