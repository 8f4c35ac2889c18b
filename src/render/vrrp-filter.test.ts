/** The rules against strangers' adverts: whom they let in. The real nft reads them in test/lab/rendered-files.test.ts. */

import { expect, test } from 'vitest';
import { vrrpFilter } from './vrrp-filter.ts';

test('vrrpFilter drops adverts of its router id from everyone but the peers; from everyone where there are none', () => {
  const rule = (peers: readonly string[]) => /l4proto 112 (.*drop)/.exec(vrrpFilter({ virtualRouterId: 51, peers }))?.[1];
  expect(rule(['192.0.2.12', '192.0.2.13'])).toBe('@th,8,8 51 ip saddr != { 192.0.2.12, 192.0.2.13 } drop');
  expect(rule([])).toBe('@th,8,8 51 drop');
});
