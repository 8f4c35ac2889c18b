/** The arithmetic of quorum, for all numbers of members. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { losesQuorum, quorumAfter } from './quorum.ts';

const etcd = fc.integer({ min: 1, max: 9 }).chain((voters) => fc.record({ voters: fc.constant(voters), healthy: fc.nat(voters) }));

test('losesQuorum is the least loss after which quorumAfter does not hold', () => {
  fc.assert(
    fc.property(etcd, ({ voters, healthy }) => {
      const lost = losesQuorum({ voters, healthy });
      expect(quorumAfter({ voters, healthy, remaining: healthy - lost }).holds).toBe(false);
      if (lost > 0) expect(quorumAfter({ voters, healthy, remaining: healthy - lost + 1 }).holds).toBe(true);
    }),
  );
});

test('quorumAfter holds exactly with more than half of all voters, and never for two halves at once', () => {
  fc.assert(
    fc.property(etcd, fc.nat(9), ({ voters, healthy }, lost) => {
      const remaining = Math.max(0, healthy - lost);
      const { holds, quorum } = quorumAfter({ voters, healthy, remaining });
      expect(holds).toBe(remaining * 2 > voters);
      expect(quorum * 2).toBeGreaterThan(voters);
      expect(holds && quorumAfter({ voters, healthy, remaining: voters - remaining }).holds).toBe(false);
    }),
  );
});

test('quorumAfter in words', () => {
  expect(quorumAfter({ voters: 3, healthy: 3, remaining: 2 }).words).toBe('2 of 3 would remain, quorum is 2: goes');
  expect(quorumAfter({ voters: 3, healthy: 2, remaining: 1 }).words).toBe('1 of 3 would remain, quorum is 2: no write would be taken');
  expect(quorumAfter({ voters: 0, healthy: 0, remaining: 0 }).holds).toBe(false);
});
