import { expect, test } from 'vitest';
import { didYouMean } from './did-you-mean.ts';

const keys = ['name', 'address', 'internalAddress', 'roles', 'ssh', 'labels'];

test.each([
  ['adress', 'address'],
  ['internaladdress', 'internalAddress'],
  ['naem', 'name'],
  ['role', 'roles'],
  ['shs', 'ssh'],
  ['colour', undefined],
  ['x', undefined],
  ['', undefined],
  ['a'.repeat(10_000), undefined],
])('didYouMean: %s → %s', (word, expected) => {
  expect(didYouMean(word, keys)).toBe(expected);
});
