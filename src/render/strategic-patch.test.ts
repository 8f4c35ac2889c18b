import { expect, test } from 'vitest';
import { isPatched, patched, patchedObject } from './strategic-patch.ts';

const have = {
  replicas: 2,
  affinity: { podAntiAffinity: { preferred: [1] } },
  tolerations: [{ key: 'a' }, { key: 'b' }],
  containers: [{ name: 'coredns', image: 'x', env: [{ name: 'OWN', value: '1' }] }],
};

test.each([
  ['equal scalars', { replicas: 2 }, true],
  ['another scalar', { replicas: 3 }, false],
  ['a key that is missing', { minReadySeconds: 1 }, false],
  ['a part of an object', { affinity: { podAntiAffinity: { preferred: [1] } } }, true],
  ['a replaced object with less in it', { affinity: { $patch: 'replace' } }, false],
  ['a replaced object, equal', { affinity: { $patch: 'replace', podAntiAffinity: { preferred: [1] } } }, true],
  ['a list without names, equal', { tolerations: [{ key: 'a' }, { key: 'b' }] }, true],
  ['a list without names, shorter', { tolerations: [{ key: 'a' }] }, false],
  ['an item found by its name', { containers: [{ name: 'coredns', image: 'x' }] }, true],
  ['an item whose inner list lacks a name', { containers: [{ name: 'coredns', env: [{ name: 'NEW', value: '1' }] }] }, false],
  ['an item with a name that is not there', { containers: [{ name: 'other' }] }, false],
])('isPatched: %s', (_, patch, expected) => {
  expect(isPatched(have, patch)).toBe(expected);
  expect(isPatched(patched(have, patch), patch)).toBe(true);
});

test('patched: keeps what the patch does not name, adds to named lists, replaces others', () => {
  const patch = {
    replicas: 3,
    affinity: { $patch: 'replace', nodeAffinity: { required: true } },
    tolerations: [{ key: 'c' }],
    containers: [{ name: 'coredns', env: [{ name: 'NEW', value: '2' }] }],
  };
  expect(patchedObject(have, patch)).toEqual({
    replicas: 3,
    affinity: { nodeAffinity: { required: true } },
    tolerations: [{ key: 'c' }],
    containers: [
      {
        name: 'coredns',
        image: 'x',
        env: [
          { name: 'OWN', value: '1' },
          { name: 'NEW', value: '2' },
        ],
      },
    ],
  });
});
