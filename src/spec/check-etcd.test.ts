import { describe, expect, test } from 'vitest';
import { describeEndpoint } from './etcd-endpoint.ts';
import { sampleProblems, sampleResult, threeMasters } from './sample-file.ts';

const endpoint = 'controlPlaneEndpoint: {address: 192.0.2.100}\n';
const members = (count: number) => Array.from({ length: count }, (_, index) => `e${index + 1} ${31 + index} etcd`);
const urls = (count: number) => Array.from({ length: count }, (_, index) => `https://192.0.2.${31 + index}:2379`).join(', ');
const files = 'caFile: ca.crt, certFile: ~/client.crt, keyFile: /etc/client.key';

describe('etcdFindings: members on hosts of role etcd', () => {
  test.each(['etcd: external', 'etcd: {topology: external}'])('%s is complete', (etcd) => {
    expect(sampleResult({ spec: endpoint + etcd, hosts: [...threeMasters, ...members(3)] })).toMatchObject({
      kind: 'ok',
      spec: { etcdOptions: { kind: 'hosted' } },
      warnings: [],
    });
  });

  test('none is refused', () => {
    expect(sampleProblems({ spec: `${endpoint}etcd: {topology: external}` })).toEqual([
      'c:7:20 spec.etcd.topology: external etcd without members: no host has the role etcd; expected three hosts of role etcd (masters may have it too), or endpoints of an etcd of your own',
    ]);
  });

  test('an even number is refused with the arithmetic at the last of them, or accepted with it as a warning', () => {
    const sample = { spec: `${endpoint}etcd: external`, hosts: [...threeMasters, ...members(4)] };
    const arithmetic = '4 etcd members: the quorum is 3, so 1 may fail, the same as with 3, and there is one more machine that can fail';
    expect(sampleProblems(sample)).toEqual([`c:15:7 spec.hosts[6]: ${arithmetic}; expected 3 or 5; --allow-even accepts 4`]);
    expect(sampleResult(sample)).toMatchObject({ problems: [{ code: 'EVEN_ETCD' }] });
    expect(sampleResult({ ...sample, allowEven: true })).toMatchObject({ kind: 'ok', warnings: [arithmetic] });
  });

  test('the masters may then be even in number: they hold no votes', () => {
    const hosts = ['m1 11 master', 'm2 12 master', ...members(3)];
    expect(sampleResult({ spec: `${endpoint}etcd: external`, hosts })).toMatchObject({ kind: 'ok', warnings: [] });
  });

  test('files without endpoints are refused', () => {
    expect(
      sampleProblems({ spec: `${endpoint}etcd: {topology: external, caFile: ca.crt}`, hosts: [...threeMasters, ...members(3)] }),
    ).toEqual([
      'c:7:30 spec.etcd.caFile: without endpoints trivet makes the certificates itself; expected endpoints of your own etcd beside it, or this left out',
    ]);
  });

  test('options of external etcd are refused with stacked', () => {
    expect(sampleProblems({ spec: `${endpoint}etcd: {topology: stacked, endpoints: []}` })).toEqual([
      'c:7:29 spec.etcd.endpoints: stacked has no endpoints; it is an option of external',
    ]);
  });
});

describe('etcdFindings: an etcd of the user’s own', () => {
  const own = (etcd: string) => ({ spec: `${endpoint}etcd: {topology: external, ${etcd}}` });

  test('is complete, its paths absolute', () => {
    expect(sampleResult(own(`endpoints: [${urls(3)}], ${files}`))).toMatchObject({
      kind: 'ok',
      spec: {
        etcdOptions: {
          kind: 'foreign',
          endpoints: ['https://192.0.2.31:2379', 'https://192.0.2.32:2379', 'https://192.0.2.33:2379'],
          caFile: '/clusters/ca.crt',
          certFile: '/home/operator/client.crt',
          keyFile: '/etc/client.key',
        },
      },
    });
  });

  test('its hosts beside hosts of role etcd are refused', () => {
    const sample = { ...own(`endpoints: [${urls(1)}], ${files}`), hosts: [...threeMasters, 'e1 31 etcd'] };
    expect(sampleProblems(sample)).toEqual([
      'c:12:46 spec.hosts[3].roles: the role etcd has no use with spec.etcd.endpoints, which name an etcd of your own; expected either the endpoints or hosts of role etcd',
    ]);
  });

  test('each missing file is told', () => {
    expect(sampleProblems(own(`endpoints: [${urls(1)}]`))).toEqual([
      "c:7:3 spec.etcd.caFile: missing; expected the CA of your etcd's certificates, on this computer",
      'c:7:3 spec.etcd.certFile: missing; expected a client certificate for your etcd, on this computer',
      "c:7:3 spec.etcd.keyFile: missing; expected the client certificate's key, on this computer",
    ]);
  });

  test('no endpoint is refused', () => {
    expect(sampleProblems(own(`endpoints: [], ${files}`))).toEqual([
      'c:7:41 spec.etcd.endpoints: no endpoint; expected client URLs such as https://192.0.2.31:2379, one for each member; or no endpoints, and hosts of role etcd',
    ]);
  });

  test('an even number is refused with the arithmetic, or accepted with it as a warning', () => {
    const sample = own(`endpoints: [${urls(2)}], ${files}`);
    expect(sampleProblems(sample)).toEqual([
      'c:7:41 spec.etcd.endpoints: 2 etcd endpoints: the quorum is 2, so 0 may fail, the same as with 1, and there is one more machine that can fail: losing either one stops every write to the cluster; expected 1 or 3; --allow-even accepts 2',
    ]);
    expect(sampleResult({ ...sample, allowEven: true })).toMatchObject({
      kind: 'ok',
      warnings: [expect.stringContaining('the quorum is 2')],
    });
  });

  test('the same member twice is refused', () => {
    expect(sampleProblems(own(`endpoints: [${urls(2)}, https://192.0.2.31:2379], ${files}`))).toEqual([
      'c:7:92 spec.etcd.endpoints[2]: https://192.0.2.31:2379 is there already, as endpoint 1; expected each member once',
    ]);
  });

  test('profile good-lan is accepted with a warning', () => {
    const { spec } = own(`endpoints: [${urls(1)}], ${files}`);
    expect(sampleResult({ spec: `${spec}\nprofile: good-lan` })).toMatchObject({
      kind: 'ok',
      warnings: [expect.stringContaining('does not reach an etcd of your own')],
    });
  });
});

test.each([
  [
    'http://192.0.2.31:2379',
    "http://192.0.2.31:2379 is not encrypted: the cluster's secrets would be open to the network",
    'https://192.0.2.31:2379',
  ],
  ['192.0.2.31', undefined, 'https://192.0.2.31:2379'],
  ['https://e1.example.org', undefined, 'https://e1.example.org:2379'],
  ['https://192.0.2.31:2379/', undefined, 'https://192.0.2.31:2379'],
  ['https://192.0.2.31:2379/v3', undefined, undefined],
  ['https://192.0.2.31:70000', undefined, undefined],
  ['https://192.0.2.310:2379', undefined, undefined],
  ['https://user:secret@192.0.2.31:2379', undefined, undefined],
  ['https://[2001:db8::1]:2379', undefined, undefined],
  ['https://127.0.0.1:2379', '127.0.0.1 is not an address at which the masters reach your etcd', undefined],
  ['https://localhost:2379', 'localhost is another machine on each master', undefined],
])('describeEndpoint: %s is wrong', (text, message, suggestion) => {
  expect(describeEndpoint(text)).toEqual({
    kind: 'wrong',
    ...(message === undefined ? {} : { message }),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
});

test.each(['https://192.0.2.31:2379', 'https://e1.example.org:12379'])('describeEndpoint: %s', (text) => {
  expect(describeEndpoint(text)).toEqual({ kind: 'ok', address: text.replace('https://', '') });
});
