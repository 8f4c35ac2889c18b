/** The scheme vip-on-masters: the contract of all schemes, and where there is nothing to move. */

import { expect, test } from 'vitest';
import { schemeContract } from '../../../test/contract/scheme-contract.ts';
import { bind, clusterFile, specOf } from '../../../test/fake-machine/rehearsal.ts';

schemeContract({ variant: 'vip-on-masters/none', example: 'three-masters-vip.yaml', goldenHosts: ['m1', 'm2'] });
schemeContract({ variant: 'vip-on-masters/haproxy', example: 'vip-haproxy.yaml', goldenHosts: ['m1'] });
schemeContract({ variant: 'vip-on-masters/nginx', example: 'vip-nginx.yaml', goldenHosts: ['m1'] });

test('a master whose own address is the endpoint gets no VIP', () => {
  const text = clusterFile({ masters: 1, workers: 1 }).replace('192.0.2.100', '192.0.2.11');
  const cluster = bind(specOf(text), undefined);
  expect(cluster.scheme.hosts(cluster)).toEqual([]);
});
