import { expect, test } from 'vitest';
import { hostAddresses } from './host-addresses.ts';

function addresses(text: string): unknown {
  const result = hostAddresses(text);
  return result.kind === 'ok'
    ? result.hosts.map((host) => (host.port === undefined ? host.address : `${host.address} ${host.port}`))
    : result.message;
}

test.each([
  ['192.0.2.11', ['192.0.2.11']],
  ['192.0.2.11,192.0.2.12', ['192.0.2.11', '192.0.2.12']],
  ['192.0.2.11-192.0.2.13', ['192.0.2.11', '192.0.2.12', '192.0.2.13']],
  ['192.0.2.254-192.0.3.1', ['192.0.2.254', '192.0.2.255', '192.0.3.0', '192.0.3.1']],
  ['192.0.2.11-13', ['192.0.2.11', '192.0.2.12', '192.0.2.13']],
  ['192.0.2.11:2222, 192.0.2.12', ['192.0.2.11 2222', '192.0.2.12']],
  ['192.0.2.11-12:2222', ['192.0.2.11 2222', '192.0.2.12 2222']],
  ['m1.example.org', ['m1.example.org']],
  ['192.0.2.13-11', 'the range ends before it begins'],
  ['192.0.2.1-300', 'not a range of addresses'],
  ['10.0.0.0-10.255.255.255', 'a range of more than 256 addresses'],
  ['192.0.2.11,,192.0.2.12', 'an empty address'],
  ['', 'an empty address'],
])('hostAddresses: %s', (text, expected) => {
  expect(addresses(text)).toEqual(expected);
});
