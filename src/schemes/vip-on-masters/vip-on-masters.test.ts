/** The scheme vip-on-masters: the contract of all schemes, and what keepalived demands. */

import { describe, expect, test } from 'vitest';
import { schemeContract } from '../../../test/contract/scheme-contract.ts';
import { bind, clusterFile, specOf } from '../../../test/fake-machine/rehearsal.ts';
import { masters } from '../../model/cluster.ts';
import { priorityOf, vipOnMasters } from './vip-on-masters.ts';

schemeContract({ scheme: vipOnMasters, example: 'three-masters-vip.yaml', goldenHosts: ['m1', 'm2'] });

describe('priorityOf', () => {
  test.each([1, 3, 5, 7, 9])('%i masters: all different, between 1 and 254, highest first', (count) => {
    const spec = specOf(clusterFile({ masters: count, workers: 0 }));
    const priorities = masters(spec).map((host) => priorityOf(spec, host));
    expect(priorities).toEqual([...new Set(priorities)].sort((one, other) => other - one));
    for (const priority of priorities) expect([priority >= 1, priority <= 254]).toEqual([true, true]);
  });
});

test('a master whose own address is the endpoint gets no VIP', () => {
  const text = clusterFile({ masters: 1, workers: 1 }).replace('192.0.2.100', '192.0.2.11');
  expect(vipOnMasters.hosts(bind(specOf(text), vipOnMasters, undefined))).toEqual([]);
});
