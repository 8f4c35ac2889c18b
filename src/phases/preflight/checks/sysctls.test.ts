import { expect, test } from 'vitest';
import { healthy, healthySurvey, testCluster } from '../healthy-survey.ts';
import { sysctls } from './sysctls.ts';

function having(value: string, writable: boolean) {
  const [host] = testCluster.hosts;
  const kernel = host && healthy(host).kernel;
  return kernel ? { m1: { kernel: { ...kernel, sysctls: [{ name: 'net.ipv4.ip_forward', value, writable }] } } } : {};
}

test('sysctls: nothing when they can be set, or are already', () => {
  expect(sysctls(healthySurvey(having('0', true)))).toEqual([]);
  expect(sysctls(healthySurvey(having('1', false)))).toEqual([]);
});

test('sysctls: a wrong value that cannot be set is an error', () => {
  expect(sysctls(healthySurvey(having('0', false)))).toMatchObject([{ severity: 'error', host: 'm1', check: 'sysctls' }]);
});
