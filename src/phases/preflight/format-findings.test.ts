import { expect, test } from 'vitest';
import { formatFindings } from './format-findings.ts';

test('formatFindings: errors first, hosts of one message joined, one remedy for a check', () => {
  const swap = { check: 'swap', remedy: 'swapoff -a' };
  expect(
    formatFindings([
      { severity: 'warning', host: 'm1', check: 'memory', message: '1.5 GB of memory', remedy: 'add some' },
      { severity: 'error', host: 'm1', message: 'swap is on (/dev/sda2)', ...swap },
      { severity: 'error', check: 'vip-taken', message: 'the VIP is in use', remedy: 'choose another' },
      { severity: 'error', host: 'm2', message: 'swap is on (/dev/sda2)', ...swap },
      { severity: 'error', host: 'm3', message: 'swap is on (/swapfile)', ...swap },
    ]),
  ).toEqual([
    'swap: m1, m2: swap is on (/dev/sda2); m3: swap is on (/swapfile). Remedy: swapoff -a',
    'vip-taken: the VIP is in use. Remedy: choose another',
    'warning: memory: m1: 1.5 GB of memory. Remedy: add some',
  ]);
});

test('formatFindings: nothing for nothing', () => {
  expect(formatFindings([])).toEqual([]);
});
