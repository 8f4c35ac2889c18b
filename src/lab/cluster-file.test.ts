import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { clusterFile } from './cluster-file.ts';
import { planMachines } from './lab-plan.ts';

const input = {
  lab: 'demo',
  machines: planMachines({ masters: 3, workers: 1, etcd: 0, lb: 0 }),
  keyFile: '/a "b"/key',
  knownHosts: '/k: #',
};

test('clusterFile lists every machine with its role', () => {
  const { spec } = parse(clusterFile({ ...input, bundle: undefined }));
  expect(spec.hosts.map((host: { name: string; roles: string[] }) => [host.name, ...host.roles])).toEqual([
    ['m1', 'master'],
    ['m2', 'master'],
    ['m3', 'master'],
    ['w1', 'worker'],
  ]);
  expect(spec).not.toHaveProperty('bundle');
});

test('clusterFile keeps paths with characters that mean something in YAML', () => {
  const { spec } = parse(clusterFile({ ...input, bundle: '/b: [x] #y' }));
  expect(spec.ssh).toEqual({ user: 'root', keyFile: '/a "b"/key', knownHosts: '/k: #' });
  expect(spec.bundle).toBe('/b: [x] #y');
});
