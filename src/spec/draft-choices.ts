/** The scheme and the etcd topology of a cluster file that may be wrong elsewhere: undefined where they cannot be told. */

import type { SchemeOptions } from '../model/cluster.ts';
import type { Path } from './finding.ts';
import { record } from './record.ts';
import { defaultScheme } from './scheme-options.ts';
import { schemeKinds } from './scheme-schema.ts';
import { schemeOfWord } from './scheme-word.ts';

export interface DraftScheme {
  /** Where the word stands. */
  readonly path: Path;
  readonly kind: SchemeOptions['kind'];
  /** haproxy, nginx, lvs, none; whatever the file says. */
  readonly proxy: unknown;
  /** Of local-care: nft, ipvs, proxy, auto; whatever the file says. */
  readonly backend: unknown;
}

export interface DraftEtcd {
  readonly path: Path;
  readonly topology: 'stacked' | 'external';
  readonly endpoints: unknown;
  readonly files: { readonly caFile: unknown; readonly certFile: unknown; readonly keyFile: unknown };
}

export function readScheme(value: unknown, addressIsGiven: boolean): DraftScheme | undefined {
  const { kind, proxy, backend } = record(
    typeof value === 'string' ? schemeOfWord(value) : (value ?? { kind: defaultScheme(addressIsGiven) }),
  );
  const known = schemeKinds.find((candidate) => candidate === kind);
  if (known === undefined) return undefined;
  const path = ['spec', 'scheme', ...(typeof value === 'object' ? ['kind'] : [])];
  return { path, kind: known, proxy: proxy ?? (known === 'vip-on-masters' ? 'none' : 'haproxy'), backend };
}

export function readEtcd(value: unknown): DraftEtcd | undefined {
  const { topology, endpoints, caFile, certFile, keyFile } = record(value);
  const said = typeof value === 'object' && value !== null ? topology : (value ?? 'stacked');
  if (said !== 'stacked' && said !== 'external') return undefined;
  const path = ['spec', 'etcd', ...(typeof value === 'object' ? ['topology'] : [])];
  return { path, topology: said, endpoints, files: { caFile, certFile, keyFile } };
}
