import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, formatIpv4, formatSubnet, isMachineAddress, overlap, parseIpv4, parseSubnet, type Subnet } from './ipv4.ts';

function subnet(text: string): Subnet {
  const parsed = parseSubnet(text);
  if (parsed === undefined) throw new Error(`not a subnet: ${text}`);
  return parsed;
}

test('parseIpv4: what formatIpv4 writes is read as the same number', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => parseIpv4(formatIpv4(value)) === value));
});

test.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.-4', '1.2.3.4 ', '::1', '1.2.3.4/24'])(
  'parseIpv4: %j is none',
  (text) => {
    expect(parseIpv4(text)).toBeUndefined();
  },
);

test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/8/8', '10.0.0/8', '/8', '10.0.0.0/'])('parseSubnet: %j is none', (text) => {
  expect(parseSubnet(text)).toBeUndefined();
});

describe('parseSubnet', () => {
  test('host bits are cut off, up to the whole address space', () => {
    expect(formatSubnet(subnet('192.0.2.77/26'))).toBe('192.0.2.64/26');
    expect(subnet('255.255.255.255/0')).toEqual({ first: 0, last: 2 ** 32 - 1, prefix: 0 });
  });

  test('contains and overlap agree with comparing ends', () => {
    const service = subnet('10.96.0.0/12');
    expect([service.first, service.last].map((value) => contains(service, value))).toEqual([true, true]);
    expect([service.first - 1, service.last + 1].map((value) => contains(service, value))).toEqual([false, false]);
    expect(overlap(service, subnet('10.111.255.0/24'))).toBe(true);
    expect(overlap(service, subnet('10.112.0.0/24'))).toBe(false);
    expect(overlap(subnet('10.0.0.0/8'), service)).toBe(true);
  });
});

test.each([
  ['192.0.2.11', true],
  ['127.0.0.1', false],
  ['0.0.0.0', false],
  ['169.254.1.1', false],
  ['224.0.0.18', false],
  ['255.255.255.255', false],
])('isMachineAddress: %s is %s', (text, expected) => {
  expect(isMachineAddress(parseIpv4(text) ?? 0)).toBe(expected);
});
