import { expect, test } from 'vitest';
import { type Address, parseAddress } from '../../address.ts';
import { parseRules } from './parse-rules.ts';
import { reconcile } from './reconcile.ts';

const service = address('10.103.97.12:6443');
const captured = `-A -t 10.103.97.12:6443 -s rr
-a -t 10.103.97.12:6443 -r 127.0.0.1:8081 -m -w 1
-a -t 10.103.97.12:6443 -r 127.0.0.1:8082 -m -w 1
-A -t 203.0.113.1:80 -s wlc
-a -t 203.0.113.1:80 -r 192.0.2.11:80 -m -w 1
`;

test('parseRules: the one virtual server; others are passed over', () => {
  expect(parseRules(captured, service)).toEqual({
    scheduler: 'rr',
    otherOptions: false,
    realServers: [8081, 8082].map((port) => ({ address: { ip: '127.0.0.1', family: 4, port }, forward: 'masquerade', weight: 1 })),
  });
  expect(parseRules('', service)).toBeUndefined();
  expect(parseRules('-A -t [fd00::1]:6443 -s rr', address('[fd00::1]:6443'))).toMatchObject({ scheduler: 'rr', realServers: [] });
});

test('reconcile: nothing there, everything is made', () => {
  expect(lines('', [['127.0.0.1:8081', 1]])).toEqual([
    '-A -t 10.103.97.12:6443 -s rr',
    '-a -t 10.103.97.12:6443 -r 127.0.0.1:8081 -m -w 1',
  ]);
});

test('reconcile: as it should be, nothing changes', () => {
  expect(
    lines(captured, [
      ['127.0.0.1:8081', 1],
      ['127.0.0.1:8082', 1],
    ]),
  ).toEqual([]);
});

test('reconcile: what is gone or unknown is deleted first, then what drains, then the rest', () => {
  expect(
    lines(captured, [
      ['127.0.0.1:8083', 1],
      ['127.0.0.1:8082', 0],
    ]),
  ).toEqual([
    '-d -t 10.103.97.12:6443 -r 127.0.0.1:8081',
    '-e -t 10.103.97.12:6443 -r 127.0.0.1:8082 -m -w 0',
    '-a -t 10.103.97.12:6443 -r 127.0.0.1:8083 -m -w 1',
  ]);
});

test('reconcile: nobody is there, the virtual server stays', () => {
  expect(lines('-A -t 10.103.97.12:6443 -s rr', [])).toEqual([]);
});

test('reconcile: another scheduler, persistence and another forwarding are put right', () => {
  const other = '-A -t 10.103.97.12:6443 -s wlc -p 60\n-a -t 10.103.97.12:6443 -r 127.0.0.1:8081 -g -w 1\n';
  expect(lines(other, [['127.0.0.1:8081', 1]])).toEqual([
    '-E -t 10.103.97.12:6443 -s rr',
    '-e -t 10.103.97.12:6443 -r 127.0.0.1:8081 -m -w 1',
  ]);
});

function lines(output: string, wanted: readonly (readonly [string, number])[]): readonly string[] {
  const targets = wanted.map(([text, weight]) => ({ address: address(text), weight }));
  return reconcile({ service, scheduler: 'rr', targets, now: parseRules(output, service) });
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}
