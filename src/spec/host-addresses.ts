/** The addresses that a --master or --node stands for: single ones, comma lists and ranges, as sealos takes them. */

import { formatIpv4, parseIpv4 } from './ipv4.ts';

export interface FlagHost {
  readonly address: string;
  /** SSH port, when the flag says IP:PORT. */
  readonly port: number | undefined;
  /** What the operator typed. */
  readonly typed: string;
}

export type HostAddresses =
  | { readonly kind: 'ok'; readonly hosts: readonly FlagHost[] }
  | { readonly kind: 'wrong'; readonly typed: string; readonly message: string; readonly expected: string };

const most = 256;
const expected = 'an address, a comma list, or a range such as 192.0.2.11-192.0.2.13 or 192.0.2.11-13';

/** `192.0.2.11,192.0.2.21-23` → four hosts. An address that is none is left to the later checks. */
export function hostAddresses(text: string): HostAddresses {
  const hosts: FlagHost[] = [];
  for (const typed of text.split(',').map((part) => part.trim())) {
    const [, address = typed, port] = /^([^:]*):(\d{1,5})$/.exec(typed) ?? [];
    const range = /^([\d.]+)-([\d.]+)$/.exec(address);
    if (range === null) {
      if (typed === '') return { kind: 'wrong', typed: text, message: 'an empty address', expected };
      hosts.push({ address, port: port === undefined ? undefined : Number(port), typed });
      continue;
    }
    const first = parseIpv4(range[1] ?? '');
    const last = first === undefined ? undefined : rangeEnd(first, range[2] ?? '');
    if (first === undefined || last === undefined) return { kind: 'wrong', typed, message: 'not a range of addresses', expected };
    if (last < first) return { kind: 'wrong', typed, message: 'the range ends before it begins', expected };
    if (last - first >= most) return { kind: 'wrong', typed, message: `a range of more than ${most} addresses`, expected };
    for (let value = first; value <= last; value += 1) {
      hosts.push({ address: formatIpv4(value), port: port === undefined ? undefined : Number(port), typed });
    }
  }
  return { kind: 'ok', hosts };
}

/** The end of a range: a whole address, or its last number. */
function rangeEnd(first: number, text: string): number | undefined {
  if (text.includes('.')) return parseIpv4(text);
  return parseIpv4(`${formatIpv4(first).split('.').slice(0, 3).join('.')}.${text}`);
}
