import { expect, test } from 'vitest';
import { checkLabName, machineId, ownerOf, switchNamespace } from './lab-names.ts';

test.each(['demo', 'a', 'a-b', 'x1', 'rehearsal-2'])('checkLabName takes %s', (name) => {
  expect(checkLabName(name)).toBe(name);
});

test.each(['', 'A', '-a', 'a-', '1a', 'a b', 'a/b', '..', 'a'.repeat(33), 'a-m1', 'my-lab-w9'])('checkLabName refuses %j', (name) => {
  expect(() => checkLabName(name)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

test('ownerOf finds lab and machine again, also where one name begins like another', () => {
  for (const lab of ['a', 'a-b', 'a-b-c', 'm1', 'a-m', 'a-m10']) {
    expect(ownerOf(switchNamespace(checkLabName(lab)))).toEqual({ lab, machine: undefined });
    expect(ownerOf(machineId(lab, 'm1'))).toEqual({ lab, machine: 'm1' });
  }
});

test('ownerOf leaves alone what no lab made', () => {
  expect(ownerOf('cni-1234')).toBeUndefined();
  expect(ownerOf('trivet')).toBeUndefined();
});
