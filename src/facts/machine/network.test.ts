import { expect, test } from 'vitest';
import { interfaceFor, machineNetwork, subnetOf } from './network.ts';

const captured = `
==section interfaces
eth0
ifb0
ifb1
lo

==section trie
Main:
  +-- 0.0.0.0/0 2 0 2
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     +-- 192.0.2.0/24 2 0 2
        +-- 192.0.2.0/28 2 0 2
           |-- 192.0.2.0
              /24 link UNICAST
           |-- 192.0.2.11
              /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
Local:
  +-- 0.0.0.0/0 2 0 2
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     +-- 192.0.2.0/24 2 0 2
        +-- 192.0.2.0/28 2 0 2
           |-- 192.0.2.0
              /24 link UNICAST
           |-- 192.0.2.11
              /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST

==section routes
Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0

==section macs
eth0 1 02:fc:00:00:00:01 0
ifb0 1 92:b5:f7:b0:af:16 1
ifb1 1 b6:d1:49:29:08:be 1
lo 772 00:00:00:00:00:00 0
`;

function parse(stdout: string) {
  return machineNetwork.parse({ code: 0, stdout, stderr: '' });
}

test('machineNetwork: own addresses, subnets and hardware addresses', () => {
  expect(parse(captured)).toEqual({
    interfaces: ['eth0', 'ifb0', 'ifb1'],
    addresses: ['192.0.2.11'],
    subnets: [{ interface: 'eth0', network: '192.0.2.0', prefixLength: 24 }],
    macs: new Map([['eth0', '02:fc:00:00:00:01']]),
  });
});

test('machineNetwork: an address of /32, as keepalived adds it, is among the addresses', () => {
  const holding = captured.replace('|-- 192.0.2.11', '|-- 192.0.2.100\n              /32 host LOCAL\n           |-- 192.0.2.11');
  expect(parse(holding).addresses).toEqual(['192.0.2.100', '192.0.2.11']);
});

test('machineNetwork: default routes, routes by a gateway and routes to one address are no subnets', () => {
  const routes = [
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'eth0\t0001F40A\t0C0200C0\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'cali1\t0500F40A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0',
  ];
  expect(parse(captured.replace('\neth0\t0002', `\n${routes.join('\n')}\neth0\t0002`)).subnets).toEqual(parse(captured).subnets);
});

test('interfaceFor: the interface and prefix length of the subnet that contains the address', () => {
  const ask = (address: string) => interfaceFor(address).parse({ code: 0, stdout: captured, stderr: '' });
  expect(ask('192.0.2.100')).toEqual({ interface: 'eth0', prefixLength: 24 });
  expect(ask('192.0.3.1')).toBeUndefined();
  expect(ask('not an address')).toBeUndefined();
});

test('subnetOf: the narrowest of several subnets', () => {
  const subnets = [
    { interface: 'eth0', network: '192.0.0.0', prefixLength: 16 },
    { interface: 'eth1', network: '192.0.2.0', prefixLength: 25 },
  ];
  expect(subnetOf({ interfaces: [], addresses: [], subnets, macs: new Map() }, '192.0.2.100')).toEqual({
    interface: 'eth1',
    prefixLength: 25,
  });
});
