/** What nft says is in a table, in a form that can be compared with what should be there: pure. */

import { isRecord, recordsOf } from '../../json.ts';
import type { NftRules } from './render-rules.ts';

export interface SeenTable {
  /** Chains, sets and whatever else has a name, without the rules; one text each. */
  readonly frame: readonly string[];
  /** One text for each rule, with its chain in front, in the order in which they apply within their chain. */
  readonly rules: readonly string[];
}

/** `listing`: parsed output of `nft -j list table`; undefined: no such table, or no listing at all. */
export function readTable(listing: unknown): SeenTable | undefined {
  const entries = isRecord(listing) ? recordsOf(listing.nftables) : [];
  if (!entries.some((entry) => isRecord(entry.table))) return undefined;
  const frame: string[] = [];
  const rules: string[] = [];
  for (const entry of entries) {
    if (isRecord(entry.rule)) rules.push(ruleText(entry.rule.chain, entry.rule.expr));
    else if (isRecord(entry.table)) frame.push(frameText('table', { ...entry.table, handle: undefined }));
    else
      for (const [kind, value] of Object.entries(entry))
        if (kind !== 'metainfo' && isRecord(value)) frame.push(frameText(kind, { ...value, handle: undefined }));
  }
  return { frame: frame.sort(), rules: grouped(rules) };
}

/** The same of what should be. */
export function expectedTable({ family, table, chains }: NftRules): SeenTable {
  return {
    frame: [
      frameText('table', { family, name: table }),
      ...chains.map(({ name, type, hook, priority }) =>
        frameText('chain', { family, table, name, type, hook, prio: priority, policy: 'accept' }),
      ),
    ].sort(),
    rules: grouped(chains.flatMap(({ name, rules }) => rules.map(({ shown }) => ruleText(name, shown)))),
  };
}

export function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}

function frameText(kind: string, value: Readonly<Record<string, unknown>>): string {
  return `${kind} ${canonical(value)}`;
}

function ruleText(chain: unknown, expressions: unknown): string {
  return `${String(chain)}: ${canonical(expressions)}`;
}

/** Chains by name, each chain's rules in their order. */
function grouped(rules: readonly string[]): readonly string[] {
  const chainOf = (rule: string) => rule.slice(0, rule.indexOf(':'));
  return rules.toSorted((one, other) => (chainOf(one) < chainOf(other) ? -1 : chainOf(one) > chainOf(other) ? 1 : 0));
}

/** JSON with its keys in order, without those that are undefined. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1))) : inner,
  );
}
