import { expect, test } from 'vitest';
import { countEstablished, parseConntrack, parseIpvsConnections } from './flows.ts';

const listed = `tcp      6 119 TIME_WAIT src=192.0.2.11 dst=10.103.97.2 sport=45548 dport=6443 src=127.0.0.1 dst=192.0.2.11 sport=6443 dport=45548 [ASSURED] mark=0 use=1
tcp      6 431999 ESTABLISHED src=198.51.100.2 dst=10.103.97.2 sport=4444 dport=6443 src=192.0.2.12 dst=192.0.2.11 sport=6443 dport=4444 [ASSURED] mark=0 use=1
tcp      6 119 SYN_SENT src=192.0.2.11 dst=10.103.97.2 sport=4445 dport=6443 [UNREPLIED] src=192.0.2.12 dst=192.0.2.11 sport=6443 dport=4445 mark=0 use=1
conntrack v1.4.8 (conntrack-tools): 3 flow entries have been shown.
`;

test('parseConntrack: the client by its own tuple, the backend by the one that answers', () => {
  expect(parseConntrack(listed)).toEqual([
    { client: { ip: '192.0.2.11', family: 4, port: 45_548 }, backend: { ip: '127.0.0.1', family: 4, port: 6443 }, established: false },
    { client: { ip: '198.51.100.2', family: 4, port: 4444 }, backend: { ip: '192.0.2.12', family: 4, port: 6443 }, established: true },
    { client: { ip: '192.0.2.11', family: 4, port: 4445 }, backend: { ip: '192.0.2.12', family: 4, port: 6443 }, established: false },
  ]);
});

test('parseConntrack: IPv6 in the canonical spelling, however it was printed', () => {
  const line =
    'tcp 6 9 ESTABLISHED src=2001:0db8::0011 dst=fd00::2 sport=1 dport=6443 src=2001:db8::12 dst=2001:db8::11 sport=6443 dport=1 use=1';
  expect(parseConntrack(line)).toMatchObject([{ client: { ip: '2001:db8::11', family: 6, port: 1 }, backend: { ip: '2001:db8::12' } }]);
});

test('countEstablished: only established ones, by the backend’s text', () => {
  expect(countEstablished(parseConntrack(listed))).toEqual(new Map([['192.0.2.12:6443', 1]]));
});

test('parseIpvsConnections: those of the virtual server only', () => {
  const output = `IPVS connection entries
pro expire state       source             virtual            destination
TCP 14:59  ESTABLISHED 192.0.2.41:43434 10.103.97.12:6443 127.0.0.1:8081
TCP 01:59  TIME_WAIT   192.0.2.41:43435 10.103.97.12:6443 127.0.0.1:8082
TCP 14:59  ESTABLISHED 192.0.2.41:43436 203.0.113.1:80 192.0.2.11:80
TCP 00:01  NONE        192.0.2.41:0 10.103.97.12:6443 127.0.0.1:8081
`;
  expect(parseIpvsConnections(output, { ip: '10.103.97.12', family: 4, port: 6443 })).toEqual([
    { client: { ip: '192.0.2.41', family: 4, port: 43_434 }, backend: { ip: '127.0.0.1', family: 4, port: 8081 }, established: true },
    { client: { ip: '192.0.2.41', family: 4, port: 43_435 }, backend: { ip: '127.0.0.1', family: 4, port: 8082 }, established: false },
  ]);
});
