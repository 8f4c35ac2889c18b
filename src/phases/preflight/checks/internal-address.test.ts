import { expect, test } from 'vitest';
import { healthySurvey } from '../healthy-survey.ts';
import { internalAddress } from './internal-address.ts';

test('internalAddress: nothing when every machine has its own', () => {
  expect(internalAddress(healthySurvey())).toEqual([]);
});

test('internalAddress: an address that is not on the machine is an error', () => {
  const network = { interfaces: ['eth0'], addresses: ['198.51.100.7'], subnets: [], macs: new Map() };
  expect(internalAddress(healthySurvey({ m2: { network } }))).toMatchObject([
    { severity: 'error', host: 'm2', message: 'the machine does not have the address 192.0.2.12 (it has 198.51.100.7)' },
  ]);
});
