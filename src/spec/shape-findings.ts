/** What zod finds wrong with the shape → findings in the words of this format, with the special cases people run into. */

import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { describeValue, type Finding, type Path } from './finding.ts';
import { formatSubnet, parseSubnet } from './ipv4.ts';
import { keyOfOtherKinds, knownKeys } from './known-keys.ts';
import { valueAt } from './record.ts';
import { otherToolsKey, unsupportedValue } from './unsupported.ts';

type Issue = z.core.$ZodIssue;

export function shapeFindings(issues: readonly Issue[], data: unknown): readonly Finding[] {
  const found = issues.flatMap((issue) => fromIssue(issue, [], data));
  // One finding for one place; and a key that is misspelt is not missing too.
  const seen = new Set(
    found.flatMap(({ path, at, suggestion }) =>
      at === 'key' && suggestion !== undefined ? [placeOf([...path.slice(0, -1), suggestion])] : [],
    ),
  );
  return found.filter((finding) => {
    const place = placeOf(finding.path);
    return seen.has(place) ? false : seen.add(place);
  });
}

function placeOf(path: Path): string {
  return JSON.stringify(path);
}

function fromIssue(issue: Issue, prefix: Path, data: unknown): readonly Finding[] {
  const path = [...prefix, ...issue.path.filter((part) => typeof part !== 'symbol')];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, data));
  if (issue.code === 'invalid_key') {
    return [{ path, at: 'key', message: 'not a usable key', expected: issue.issues[0]?.message ?? '' }];
  }
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.filter(
      (branch) => !branch.some((inner) => inner.path.length === 0 && inner.code !== 'unrecognized_keys'),
    );
    const [branch] = branches;
    if (branch !== undefined && branches.length === 1) return branch.flatMap((inner) => fromIssue(inner, path, data));
  }
  return [wrongValue(path, valueAt(path, data), issue.message)];
}

function unknownKey(parent: Path, key: string, data: unknown): Finding {
  const path = [...parent, key];
  const other = otherToolsKey(path);
  if (other !== undefined) return { path, at: 'key', message: other, expected: '' };
  const elsewhere = keyOfOtherKinds(parent, key, data);
  if (elsewhere !== undefined) {
    const message = `${elsewhere.kind} has no ${key}; it is an option of ${elsewhere.others.join(' and ')}`;
    return { path, at: 'key', message, expected: '' };
  }
  const keys = knownKeys(parent, data);
  const suggestion = didYouMean(key, keys);
  const expected = keys.length === 0 ? '' : `one of ${keys.join(', ')}`;
  return { path, at: 'key', message: 'unknown key', expected, ...(suggestion === undefined ? {} : { suggestion }) };
}

function wrongValue(path: Path, value: unknown, expected: string): Finding {
  if (value === undefined) return { path, at: 'value', message: 'missing', expected };
  const unsupported = unsupportedValue(path, value);
  if (unsupported !== undefined) return { path, at: 'value', message: unsupported, expected: '' };
  if (path.some((part) => /^pass/i.test(String(part))) && typeof value === 'string')
    return { path, at: 'value', message: 'a text', expected };
  const suggestion = probableValue(expected, value);
  const message = `${describeValue(value)} is not valid`;
  return { path, at: 'value', message, expected, ...(suggestion === undefined ? {} : { suggestion }) };
}

/** The value that was probably meant, where there is one obvious answer. */
function probableValue(expected: string, value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return expected.includes('in quotes') ? `"${value}"` : undefined;
  if (typeof value !== 'string') return undefined;
  if (expected.startsWith('a version')) return /^V?\d+\.\d+\.\d+$/.test(value) ? `v${value.replace(/^V/, '')}` : undefined;
  if (expected.startsWith('an IPv4 subnet')) {
    const subnet = parseSubnet(value.trim());
    return subnet === undefined ? undefined : formatSubnet(subnet);
  }
  if (expected.startsWith('a DNS label')) {
    const label = value.toLowerCase().replace(/[._\s]+/g, '-');
    return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label) ? label : undefined;
  }
  if (expected.startsWith('a port') || expected.startsWith('a VRRP'))
    return /^[1-9]\d{0,4}$/.test(value) ? `${value} without quotes` : undefined;
  // An example is not a candidate.
  return didYouMean(
    value,
    expected
      .replace(/,? such as .*/, '')
      .match(/[\w./-]+/g)
      ?.filter((word) => word.length > 3) ?? [],
  );
}
