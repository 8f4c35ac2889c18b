import { expect, test } from 'vitest';
import { hardwareAddress, planMachines } from './lab-plan.ts';

test('planMachines gives each kind its own range of names and addresses', () => {
  expect(planMachines({ masters: 2, workers: 1, etcd: 1, lb: 1 })).toEqual([
    { name: 'm1', address: '192.0.2.11', role: 'master', kind: 'nspawn' },
    { name: 'm2', address: '192.0.2.12', role: 'master', kind: 'nspawn' },
    { name: 'w1', address: '192.0.2.21', role: 'worker', kind: 'nspawn' },
    { name: 'e1', address: '192.0.2.31', role: 'etcd', kind: 'nspawn' },
    { name: 'l1', address: '192.0.2.41', role: 'lb', kind: 'nspawn' },
  ]);
});

test('planMachines gives a kernel of their own to the balancers alone', () => {
  const machines = planMachines({ masters: 1, workers: 1, etcd: 1, lb: 2, lbKernel: 'own' });
  expect(machines.filter(({ kind }) => kind === 'uml').map(({ name }) => name)).toEqual(['l1', 'l2']);
});

test('planMachines never gives an address twice', () => {
  const addresses = planMachines({ masters: 9, workers: 9, etcd: 9, lb: 9 }).map((machine) => machine.address);
  expect(new Set(addresses).size).toBe(36);
});

test.each([{ masters: 10 }, { masters: -1 }, { masters: 1.5 }, { masters: Number.NaN }, { masters: 0 }])(
  'planMachines refuses %j',
  (shape) => {
    expect(() => planMachines({ workers: 0, etcd: 0, lb: 0, ...shape })).toThrow(expect.objectContaining({ code: 'USAGE' }));
  },
);

test('hardwareAddress is locally administered and differs where the address differs', () => {
  expect(hardwareAddress('192.0.2.11')).toBe('02:00:c0:00:02:0b');
});
