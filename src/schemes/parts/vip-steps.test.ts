/** What keepalived demands of the machines among which an address moves. */

import { describe, expect, test } from 'vitest';
import { clusterFile, specOf } from '../../../test/fake-machine/rehearsal.ts';
import { masters } from '../../model/cluster.ts';
import { priorityOf } from './vip-steps.ts';

describe('priorityOf', () => {
  test.each([1, 3, 5, 7, 9])('%i machines: all different, between 1 and 254, highest first', (count) => {
    const among = masters(specOf(clusterFile({ masters: count, workers: 0 })));
    const priorities = among.map((host) => priorityOf(among, host));
    expect(priorities).toEqual([...new Set(priorities)].sort((one, other) => other - one));
    for (const priority of priorities) expect([priority >= 1, priority <= 254]).toEqual([true, true]);
  });
});
