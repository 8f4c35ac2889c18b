import { expect, test } from 'vitest';
import { expandedIpv6, parseInet6, parseLocalTrie } from './network-namespaces.ts';

test('parseLocalTrie: own addresses, not networks and broadcasts', () => {
  const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 198.51.100.0
        /24 link UNICAST
Local:
  +-- 198.51.100.0/24 2 0 2
     +-- 198.51.100.0/30 2 0 2
        |-- 198.51.100.2
           /32 host LOCAL
     |-- 198.51.100.255
        /32 link BROADCAST
`;
  expect(parseLocalTrie(trie)).toEqual(['198.51.100.2']);
});

test('parseInet6 and expandedIpv6 spell an address alike', () => {
  const file = '20010db8000100000000000000000002 02 40 00 80     eth0\n00000000000000000000000000000001 01 80 10 80       lo\n';
  expect(parseInet6(file)).toEqual([expandedIpv6('2001:db8:1::2'), expandedIpv6('::1')]);
  expect(expandedIpv6('::ffff:192.0.2.1')).toBe('00000000000000000000ffffc0000201');
});
