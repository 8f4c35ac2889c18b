import { expect, test } from 'vitest';
import { healthySurvey, testCluster } from '../healthy-survey.ts';
import { interfaces } from './interfaces.ts';

test('interfaces: nothing when none is named, or the named one is there', () => {
  expect(interfaces(healthySurvey())).toEqual([]);
  const cluster = { ...testCluster, schemeOptions: { ...testCluster.schemeOptions, interface: 'eth0' } };
  expect(interfaces(healthySurvey({}, cluster))).toEqual([]);
});

test('interfaces: one that does not exist is an error that lists those that do, on machines that keep the address only', () => {
  const cluster = { ...testCluster, schemeOptions: { ...testCluster.schemeOptions, interface: 'eth9' } };
  expect(interfaces(healthySurvey({}, cluster)).map(({ host, message }) => [host, message])).toEqual(
    ['m1', 'm2', 'm3'].map((name) => [name, 'there is no network interface eth9 (there are: eth0)']),
  );
});

test('interfaces: named for one host', () => {
  const hosts = testCluster.hosts.map((host) => (host.name === 'm2' ? { ...host, interface: 'ens7' } : host));
  const scheme = { ...testCluster.scheme, vipHosts: () => hosts.slice(0, 3) };
  expect(interfaces(healthySurvey({}, { ...testCluster, hosts, scheme }))).toMatchObject([{ host: 'm2', check: 'interface' }]);
});
