import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressText } from '../address.ts';
import { readSlice, readSliceList } from './endpoint-slice.ts';

const slice = {
  kind: 'EndpointSlice',
  metadata: { name: 'kubernetes', resourceVersion: '205' },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.0.0.2'], conditions: { ready: true } }, { addresses: ['10.0.0.1', '10.0.0.2'] }],
  ports: [
    { name: 'other', port: 1, protocol: 'TCP' },
    { name: 'https', port: 6443, protocol: 'TCP' },
  ],
};

describe('readSlice', () => {
  it('gives each member once, sorted, with the port named https', () => {
    const content = readSlice(slice);
    expect(content.kind === 'members' && content.members.map(addressText)).toEqual(['10.0.0.1:6443', '10.0.0.2:6443']);
  });

  it('shortens IPv6', () => {
    const content = readSlice({ ...slice, addressType: 'IPv6', endpoints: [{ addresses: ['FD00:0:0::01'] }] });
    expect(content.kind === 'members' && content.members.map(addressText)).toEqual(['[fd00::1]:6443']);
  });

  it.each([
    ['FQDN', { ...slice, addressType: 'FQDN' }],
    ['a port that is none', { ...slice, ports: [{ name: 'https', port: 70_000, protocol: 'TCP' }] }],
    ['UDP', { ...slice, ports: [{ name: 'https', port: 6443, protocol: 'UDP' }] }],
    ['another name', { ...slice, metadata: { name: 'kube-dns', resourceVersion: '1' } }],
    ['IPv6 in an IPv4 slice', { ...slice, endpoints: [{ addresses: ['fd00::1'] }] }],
    [
      'a thousand masters',
      { ...slice, endpoints: [{ addresses: Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`) }] },
    ],
    ['no version', { ...slice, metadata: { name: 'kubernetes' } }],
  ])('refuses %s', (_name, object) => {
    expect(readSlice(object)).toMatchObject({ kind: 'rubbish' });
  });

  it('endpoints null, absent or empty are nobody, not rubbish', () => {
    for (const endpoints of [null, undefined, [], [{}], [{ addresses: [] }]])
      expect(readSlice({ ...slice, endpoints })).toMatchObject({ kind: 'empty' });
  });

  it('never throws and never gives an empty list, whatever JSON comes', () => {
    const hostile = fc.oneof(
      fc.jsonValue(),
      fc.record({
        addressType: fc.constantFrom('IPv4', 'IPv6'),
        metadata: fc.constant(slice.metadata),
        endpoints: fc.jsonValue(),
        ports: fc.oneof(fc.jsonValue(), fc.constant(slice.ports)),
      }),
      fc.record({ kind: fc.constant('EndpointSliceList'), metadata: fc.constant(slice.metadata), items: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(hostile, (object) => {
        for (const content of [readSlice(object), readSliceList(object)]) {
          if (content.kind === 'members') expect(content.members.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
