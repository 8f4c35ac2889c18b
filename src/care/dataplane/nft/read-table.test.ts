import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Address, parseAddress } from '../../address.ts';
import { isRecord, parseJson, recordsOf } from '../../json.ts';
import { expectedTable, readTable } from './read-table.ts';
import { type NftRules, renderRules } from './render-rules.ts';
import { renderTransaction } from './transaction.ts';

describe.each(['1.1.3', '1.0.6'])('nft %s', async (version) => {
  const cases = recordsOf(parseJson(await readFile(join(import.meta.dirname, `golden/listed-by-${version}.json`), 'utf8')));

  test('readTable: what nft lists after our transaction is what expectedTable says', () => {
    expect(cases).toHaveLength(6);
    for (const one of cases) expect(readTable(one.listing)).toEqual(expectedTable(rulesOf(one)));
  });

  test('readTable: a foreign rule, chain or set, another order and a missing rule are seen', () => {
    for (const { listing, ...one } of cases) {
      const entries = isRecord(listing) ? recordsOf(listing.nftables) : [];
      const expected = expectedTable(rulesOf(one));
      const rule = entries.find((entry) => isRecord(entry.rule));
      const foreign = [{ set: { family: 'ip', name: 's', handle: 9 } }, { chain: { name: 'c', handle: 8 } }, rule];
      for (const more of foreign) expect(readTable({ nftables: [...entries, more] })).not.toEqual(expected);
      expect(readTable({ nftables: entries.filter((entry) => entry !== rule) })).not.toEqual(expected);
    }
  });
});

test('readTable: no table, no listing, rubbish', () => {
  expect([undefined, {}, [], 'x', { nftables: 'x' }, { nftables: [{ metainfo: {} }] }].map(readTable)).toEqual(Array(6).fill(undefined));
});

test('renderTransaction: one line; the table anew, or its rules only', () => {
  const rules = rulesOf({ service: '10.103.97.2:6443', backends: ['192.0.2.12:6443', '192.0.2.13:6443'], nodeIp: '192.0.2.11' });
  expect(renderTransaction(rules, 'rules').split('; ')).toEqual([
    'flush table ip trivet-care-10-103-97-2-6443',
    'add rule ip trivet-care-10-103-97-2-6443 output ip daddr 10.103.97.2 tcp dport 6443 dnat ip to numgen inc mod 2 map { 0 : 192.0.2.12 . 6443, 1 : 192.0.2.13 . 6443 }',
    'add rule ip trivet-care-10-103-97-2-6443 prerouting ip daddr 10.103.97.2 tcp dport 6443 dnat ip to numgen inc mod 2 map { 0 : 192.0.2.12 . 6443, 1 : 192.0.2.13 . 6443 }',
    'add rule ip trivet-care-10-103-97-2-6443 postrouting ct protocol 6 ct original ip daddr 10.103.97.2 ct original proto-dst 6443 ct original ip saddr != 192.0.2.11 masquerade',
  ]);
  expect(renderTransaction(rules, 'table')).toMatch(/^add table (ip \S+); delete table \1; add table \1; add chain /);
});

test('renderRules: loopback backends serve this machine only; from elsewhere a connection is refused', () => {
  const { chains } = rulesOf({ service: '10.103.97.2:6443', backends: ['127.0.0.1:6443'], nodeIp: '192.0.2.11' });
  const texts = (name: string) => chains.find((chain) => chain.name === name)?.rules.map(({ text }) => text);
  expect(texts('output')).toEqual(['ip daddr 10.103.97.2 tcp dport 6443 dnat to 127.0.0.1:6443']);
  expect(texts('prerouting')).toEqual([]);
  expect(texts('refuse-output')).toEqual([]);
  expect(texts('refuse-forward')).toEqual([expect.stringContaining('reject with tcp reset')]);
});

function rulesOf({ service, backends, nodeIp, mark }: Readonly<Record<string, unknown>>): NftRules {
  const targets = (Array.isArray(backends) ? backends : []).map((text) => ({ address: address(text), weight: 1 }));
  return renderRules({
    service: address(service),
    table: targets.length === 0 ? { kind: 'reject', targets } : { kind: 'serve', targets },
    nodeIp: typeof nodeIp === 'string' ? nodeIp : undefined,
    mark: typeof mark === 'number' ? mark : undefined,
  });
}

function address(text: unknown): Address {
  const parsed = parseAddress(String(text));
  if (parsed === undefined) throw new Error(String(text));
  return parsed;
}
