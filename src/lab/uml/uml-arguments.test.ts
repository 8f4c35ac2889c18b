import { expect, test } from 'vitest';
import { umlArguments } from './uml-arguments.ts';

test('umlArguments gives the machine its own address on its own tap', () => {
  const argv = umlArguments('/linux', {
    hostName: 'l1',
    address: '192.0.2.41',
    gateway: '192.0.2.1',
    netmask: '255.255.255.0',
    hardwareAddress: '02:00:c0:00:02:29',
    tap: 'l1',
    root: '/machine',
  });
  expect(argv[0]).toBe('/linux');
  expect(argv).toContain('seccomp=auto');
  expect(argv).toContain('rootflags=/machine');
  expect(argv).toContain('vec0:transport=tap,ifname=l1,mac=02:00:c0:00:02:29');
  expect(argv).toContain('ip=192.0.2.41::192.0.2.1:255.255.255.0:l1:vec0:off');
});
