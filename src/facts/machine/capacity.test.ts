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
   1B-blocks       Avail File     Mounted on
270553174016 63057453056 /        /
270553174016 63057453056 /var/lib /
`;

function parse(stdout: string) {
  return machineCapacity.parse({ code: 0, stdout, stderr: '' });
}

test('machineCapacity: processors, memory and one disk for two paths', () => {
  expect(parse(captured)).toEqual({
    processors: 2,
    memoryBytes: 24684092 * 1024,
    swaps: [],
    disks: [{ mount: '/', totalBytes: 270553174016, freeBytes: 63057453056, paths: ['/', '/var/lib'] }],
  });
});

test('machineCapacity: swap areas, a disk of its own mounted where the name has a space', () => {
  const swapping = 'Priority\n/dev/sda2                               partition\t999420\t\t0\t\t-2\n';
  const more = captured.replace('Priority\n', swapping).replace('/var/lib /\n', '/var/lib /mnt/big disk\n');
  expect(parse(more)).toMatchObject({
    swaps: ['/dev/sda2'],
    disks: [
      { mount: '/', paths: ['/'] },
      { mount: '/mnt/big disk', paths: ['/var/lib'] },
    ],
  });
});

test('machineCapacity: zero and nothing for a machine that printed nothing', () => {
  expect(parse('')).toEqual({ processors: 0, memoryBytes: 0, swaps: [], disks: [] });
});
