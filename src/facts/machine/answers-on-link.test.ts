import { expect, test } from 'vitest';
import { answersOnLink } from './answers-on-link.ts';

const table = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.13       0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.55       0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.101      0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.12       0x1         0x2         9a:88:b5:64:21:3c     *        eth0
192.0.2.100      0x1         0x2         9a:88:b5:64:21:3c     *        eth0
`;

test('answersOnLink: who answers, and which known machine that is', () => {
  const ask = (address: string, stdout: string) =>
    answersOnLink(address, ['192.0.2.12', '192.0.2.13']).parse({ code: 0, stdout, stderr: '' });
  expect(ask('192.0.2.100', table)).toEqual({ mac: '9a:88:b5:64:21:3c', sameAs: ['192.0.2.12'] });
  expect(ask('192.0.2.101', table)).toBeUndefined();
  expect(ask('192.0.2.100', '')).toBeUndefined();
});
