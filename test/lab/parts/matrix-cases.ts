/** What the matrix proves on real machines: a small part of it with every `npm test`, all of it with `npm run test:matrix`. */

import type { Variant } from '../../../bench/parts/variant.ts';

export interface MatrixCase extends Variant {
  /** The cluster begins with one master and grows by the same file with more hosts: what is lost later was a change of membership. */
  readonly grows?: true;
  /** Which machines are powered off, one after the other, each healed before the next. */
  readonly losses: readonly Loss[];
}

/** holder: the machine with the endpoint's address. master: one behind balancers that live on, and never the holder. */
export type Loss = 'holder' | 'master';

const vip = { scheme: 'vip-on-masters' } as const;
const pair = { scheme: 'external-pair' } as const;
const local = { scheme: 'local-proxy' } as const;
const care = { scheme: 'local-care' } as const;

// All masters from the beginning: members of an etcd beside the masters cannot be added yet.
const vipHaproxyEtcdBeside: MatrixCase = { ...vip, proxy: 'haproxy', etcd: 'on masters', losses: ['holder', 'master'] };
const localHaproxyCopied: MatrixCase = { ...local, proxy: 'haproxy', certificates: 'copy', grows: true, losses: ['master'] };
const careNftCopied: MatrixCase = { ...care, backend: 'nft', certificates: 'copy', grows: true, losses: ['master'] };
const pairNginx: MatrixCase = { ...pair, proxy: 'nginx', losses: ['master', 'holder'] };
const pairLvs: MatrixCase = { ...pair, proxy: 'lvs', losses: ['master', 'holder'] };

/** One of every kind: a guard everywhere, a virtual address, machines apart; etcd as pods and as units; keys both ways. */
export const smallMatrix: readonly MatrixCase[] = [careNftCopied, vipHaproxyEtcdBeside, pairNginx];

export const fullMatrix: readonly MatrixCase[] = [
  { ...vip, proxy: 'none', losses: ['holder'] },
  { ...vip, proxy: 'haproxy', grows: true, losses: ['holder', 'master'] },
  { ...vip, proxy: 'nginx', losses: ['holder', 'master'] },
  localHaproxyCopied,
  { ...local, proxy: 'nginx', losses: ['master'] },
  careNftCopied,
  { ...care, backend: 'proxy', losses: ['master'] },
  vipHaproxyEtcdBeside,
  { ...pair, proxy: 'haproxy', grows: true, losses: ['master', 'holder'] },
  pairNginx,
  pairLvs,
  { scheme: 'external', losses: ['master'] },
  { ...vip, proxy: 'none', etcd: 'own machines', losses: ['holder'] },
  { ...local, proxy: 'nginx', etcd: 'own machines', losses: ['master'] },
  { ...vip, proxy: 'none', release: 'bookworm', losses: ['holder'] },
];
