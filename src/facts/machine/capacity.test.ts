import { expect, test } from 'vitest';
import { machineCapacity } from './capacity.ts';

const captured = `
==section processors
2

==section memory
MemTotal:       24684092 kB

==section swaps
Filename				Type		Size		Used		Priority

==section disks
/ /dev/vda       270553174016 21963595776 75829698560      23% /
/var/lib /dev/vda       270553174016 21963595776 75829698560      23% /
`;

function parse(stdout: string) {
  return machineCapacity.parse({ code: 0, stdout, stderr: '' });
}

test('machineCapacity: processors, memory and one disk for two paths', () => {
  expect(parse(captured)).toEqual({
    processors: 2,
    memoryBytes: 24684092 * 1024,
    swaps: [],
    disks: [{ mount: '/', totalBytes: 270553174016, freeBytes: 75829698560, paths: ['/', '/var/lib'] }],
  });
});

test('machineCapacity: swap areas, a disk of its own whose name has a space', () => {
  const more = captured
    .replace('Priority\n', 'Priority\n/dev/sda2                               partition\t999420\t\t0\t\t-2\n')
    .replace('/var/lib /dev/vda ', '/var/lib data pool ')
    .replace('23% /\n/var', '23% /\n/var')
    .replace(/% \/\n*$/, '% /var/lib\n');
  expect(parse(more)).toMatchObject({ swaps: ['/dev/sda2'], disks: [{ paths: ['/'] }, { mount: '/var/lib', paths: ['/var/lib'] }] });
});

test('machineCapacity: zero and nothing for a machine that printed nothing', () => {
  expect(parse('')).toEqual({ processors: 0, memoryBytes: 0, swaps: [], disks: [] });
});
