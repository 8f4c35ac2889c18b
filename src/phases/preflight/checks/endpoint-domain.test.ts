import { expect, test } from 'vitest';
import { healthySurvey } from '../healthy-survey.ts';
import { endpointDomain } from './endpoint-domain.ts';

function hostsFile(address: string, ours: boolean) {
  return { m1: { hostsFile: [{ address, names: ['api', 'apiserver.cluster.local'], ours }] } };
}

test('endpointDomain: nothing when it is not named, named rightly, or named by trivet', () => {
  expect(endpointDomain(healthySurvey())).toEqual([]);
  expect(endpointDomain(healthySurvey(hostsFile('192.0.2.100', false)))).toEqual([]);
  expect(endpointDomain(healthySurvey(hostsFile('192.0.2.11', true)))).toEqual([]);
});

test("endpointDomain: another address outside of trivet's block is an error", () => {
  expect(endpointDomain(healthySurvey(hostsFile('192.0.2.11', false)))).toMatchObject([{ severity: 'error', host: 'm1' }]);
});
