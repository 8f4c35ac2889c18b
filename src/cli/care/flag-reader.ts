/** Reads single flags out of what was given, and collects what is wrong with them. */

import { isIP } from 'node:net';
import { type Address, parseAddress } from '../../care/address.ts';
import { type Given, listOf } from './given.ts';
import { parseBoolean, parseDuration } from './go-values.ts';
import { nearestWord } from './nearest-word.ts';

export interface FlagReader {
  readonly isGiven: (flag: string) => boolean;
  /** Of a flag that takes none: on or off. */
  readonly isOn: (flag: string) => boolean;
  readonly text: (flag: string) => string | undefined;
  /** A list flag as it was written, one text for each time. */
  readonly texts: (flag: string) => readonly string[];
  /** A list flag's values. */
  readonly list: (flag: string) => readonly string[];
  readonly choice: <T extends string>(flag: string, choices: readonly T[], otherwise: T) => T;
  /** Milliseconds. */
  readonly duration: (flag: string, between: { readonly least: number; readonly most: number; readonly otherwise: number }) => number;
  readonly integer: (flag: string, between: { readonly least: number; readonly most: number; readonly otherwise: number }) => number;
  readonly address: (flag: string, text: string) => Address | undefined;
  /** Absolute. */
  readonly path: (flag: string, otherwise: string) => string;
  readonly problem: (flag: string, what: string) => void;
}

/** Problems go to the given list, each beginning with the flag as the user wrote it. */
export function flagReader(given: Given, problems: string[]): FlagReader {
  const problem = (flag: string, what: string) => {
    problems.push(`${given.label(flag)}: ${what}`);
  };
  const text = (flag: string) => given.values.get(flag)?.at(-1);
  const reader: FlagReader = {
    isGiven: (flag) => given.values.has(flag),
    isOn: (flag) => {
      const value = text(flag) ?? 'false';
      const on = parseBoolean(value);
      if (on === undefined) problem(flag, `${JSON.stringify(value)} is neither true nor false`);
      return on ?? false;
    },
    text,
    texts: (flag) => given.values.get(flag) ?? [],
    list: (flag) => listOf(given, flag),
    choice: (flag, choices, otherwise) => {
      const value = text(flag);
      if (value === undefined) return otherwise;
      const chosen = choices.find((choice) => choice === value.toLowerCase());
      if (chosen !== undefined) return chosen;
      const near = nearestWord(value, choices);
      problem(flag, `${JSON.stringify(value)} is none of ${choices.join(', ')}${near === undefined ? '' : `; ${near} is meant, perhaps`}`);
      return otherwise;
    },
    duration: (flag, { least, most, otherwise }) => {
      const value = text(flag);
      if (value === undefined) return otherwise;
      const milliseconds = parseDuration(value);
      // lvscare takes 0 for its default.
      if (milliseconds === 0) return otherwise;
      if (milliseconds !== undefined && milliseconds >= least && milliseconds <= most) return milliseconds;
      problem(flag, `${JSON.stringify(value)} is no time from ${least} ms to ${most / 1000} s: write 200ms, 1.5s, or seconds`);
      return otherwise;
    },
    integer: (flag, { least, most, otherwise }) => {
      const value = text(flag);
      if (value === undefined) return otherwise;
      if (/^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
      problem(flag, `${JSON.stringify(value)} is no number from ${least} to ${most}`);
      return otherwise;
    },
    address: (flag, value) => {
      const address = parseAddress(value);
      if (address === undefined) problem(flag, `${JSON.stringify(value)} ${whyNoAddress(value)}`);
      else if (unusable(address)) problem(flag, `${JSON.stringify(value)} is not the address of one machine`);
      else return address;
      return undefined;
    },
    path: (flag, otherwise) => {
      const value = text(flag) ?? otherwise;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
      if (!/^\/[^\x00-\x1f\x7f]*$/.test(value)) problem(flag, `${JSON.stringify(value)} is no absolute path`);
      return value;
    },
    problem,
  };
  return reader;
}

function whyNoAddress(text: string): string {
  if (isIP(text) === 4) return `lacks its port: ${text}:6443`;
  if (isIP(text) === 6) return `lacks its port: [${text}]:6443`;
  if (isIP(text.replace(/:\d+$/, '')) === 6) return 'needs brackets: [IPv6]:PORT';
  if (/^\[.*%.*\]/.test(text)) return 'names a zone; give an address that is valid everywhere on the machine';
  if (/^[a-z][a-z0-9.-]*:\d+$/i.test(text)) return 'is a name; give the IP: names cannot be resolved while the cluster is down';
  return 'is not IP:PORT, as 10.0.0.1:6443 or [fd00::1]:6443';
}

/** Unspecified, multicast, broadcast, and IPv6 link-local, which means nothing without a zone. */
function unusable({ ip, family }: Address): boolean {
  if (family === 4) return /^0\./.test(ip) || Number(ip.split('.')[0]) >= 224;
  return ip === '::' || /^ff|^fe[89ab]/.test(ip);
}
