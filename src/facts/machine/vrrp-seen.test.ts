import { expect, test } from 'vitest';
import { vrrpSeen } from './vrrp-seen.ts';

const fact = vrrpSeen('192.0.2.11');

test('vrrpSeen: the adverts that were heard, none, or not able to listen', () => {
  expect(fact.parse({ code: 0, stdout: 'listened\n192.0.2.12 77 100 3\n192.0.2.12 78 150 2\n', stderr: '' })).toEqual([
    { source: '192.0.2.12', virtualRouterId: 77, priority: 100, version: 3 },
    { source: '192.0.2.12', virtualRouterId: 78, priority: 150, version: 2 },
  ]);
  expect(fact.parse({ code: 0, stdout: 'listened\n', stderr: '' })).toEqual([]);
  expect(fact.parse({ code: 127, stdout: '', stderr: '' })).toBeUndefined();
});
