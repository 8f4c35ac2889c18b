import { expect, it } from 'vitest';
import { type BalancerSeed, type KeepalivedSeed, mendsOf, seedBalancer, seedKeepalived } from '../../../bench/parts/seed-files.ts';

const keepalived: readonly KeepalivedSeed[] = ['000', '001-preempt', '001-nopreempt'];
const balancers: readonly BalancerSeed[] = ['001-haproxy', '001-nginx'];

it.each(keepalived)('seedKeepalived %s: has no address of the document left, and each mend is listed', async (seed) => {
  for (const machine of ['m1', 'm2', 'm3']) expect(await seedKeepalived(seed, machine)).not.toMatch(/ens3|10\.0\.0\.|192\.168\./);
  expect(mendsOf(seed).length).toBeGreaterThan(2);
});

it.each(balancers)('seedBalancer %s: leads to the lab’s masters on 127.0.0.1:6443, otherwise as it is', async (seed) => {
  const text = await seedBalancer(seed);
  for (const address of ['192.0.2.11:6443', '192.0.2.12:6443', '192.0.2.13:6443']) expect(text).toContain(address);
  expect(text).toContain('127.0.0.1:6443');
  expect(text).not.toMatch(/nbproc|10\.0\.0\.|192\.168\./);
});
