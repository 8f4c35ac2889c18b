import { expect, test } from 'vitest';
import { machineListeners } from './listeners.ts';

const captured = `
==section sockets
   0: 0C0200C0:192B 00000000:0000 0A 00000000:00000001 00:00000000 00000000     0        0 72672 2 00000000316c7069 100 0 0 10 0
   0: 00000000000000000000000000000000:280A 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 72673 1 00000000c13dd454 100 0 0 10 0

==section owners
socket:[72672] python3
`;

test('machineListeners: port, address and process of each socket', () => {
  const fact = machineListeners([6443, 2379, 10250]);
  expect(fact.argv.at(-1)).toBe('192B|094B|280A');
  expect(fact.parse({ code: 0, stdout: captured, stderr: '' })).toEqual([
    { port: 6443, address: '192.0.2.12', process: 'python3' },
    { port: 10250, address: '*', process: undefined },
  ]);
});

test('machineListeners: none on a quiet machine', () => {
  expect(machineListeners([6443]).parse({ code: 0, stdout: '\n==section sockets\n\n==section owners\n', stderr: '' })).toEqual([]);
});
