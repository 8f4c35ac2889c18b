import { expect, test } from 'vitest';
import { healthy, healthySurvey, testCluster } from '../healthy-survey.ts';
import type { Surveyed } from '../survey.ts';
import { duplicates } from './duplicates.ts';

function identity(name: string, change: Partial<Surveyed['identity']>): Partial<Surveyed> {
  const host = testCluster.hosts.find((each) => each.name === name);
  return host === undefined ? {} : { identity: { ...healthy(host).identity, ...change } };
}

test('duplicates: nothing on machines that differ', () => {
  expect(duplicates(healthySurvey())).toEqual([]);
});

test('duplicates: two machines of one host name', () => {
  const findings = duplicates(healthySurvey({ m1: identity('m1', { hostname: 'debian' }), m2: identity('m2', { hostname: 'debian' }) }));
  expect(findings).toMatchObject([{ severity: 'error', check: 'duplicate-host-names', message: expect.stringContaining('m1, m2') }]);
});

test('duplicates: two machines whose names are swapped are told apart from duplicates', () => {
  const findings = duplicates(healthySurvey({ m1: identity('m1', { hostname: 'm2' }), m2: identity('m2', { hostname: 'm1' }) }));
  expect(findings).toMatchObject([
    { check: 'mixed-up-addresses', host: 'm1' },
    { check: 'mixed-up-addresses', host: 'm2' },
  ]);
});

test('duplicates: one machine id is an error, one product uuid a warning', () => {
  const same = { machineId: 'x', productUuid: 'y' };
  const findings = duplicates(healthySurvey({ m1: identity('m1', same), w1: identity('w1', same) }));
  expect(findings).toMatchObject([
    { severity: 'error', check: 'duplicate-machine-ids' },
    { severity: 'warning', check: 'duplicate-product-uuids' },
  ]);
});

test("duplicates: the firmware of containers is the box's and is not compared", () => {
  const same = { productUuid: 'y', insideContainer: true };
  expect(duplicates(healthySurvey({ m1: identity('m1', same), w1: identity('w1', same) }))).toEqual([]);
});

test('duplicates: one MAC address, one address of the file', () => {
  const network = {
    interfaces: ['eth0'],
    addresses: ['192.0.2.11', '172.17.0.1'],
    subnets: [],
    macs: new Map([['eth0', '02:00:00:00:00:77']]),
  };
  expect(duplicates(healthySurvey({ m1: { network }, m2: { network } }))).toMatchObject([
    { severity: 'error', check: 'duplicate-macs' },
    { severity: 'error', check: 'duplicate-addresses', message: 'm1, m2 have the same address 192.0.2.11' },
  ]);
});
