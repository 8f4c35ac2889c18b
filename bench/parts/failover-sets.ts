/** What failover.ts compares: on which cluster, with whose files, and which machine is lost. */

import type { SeedVariant } from './seed-files.ts';
import type { Variant } from './variant.ts';

export interface FailoverSet {
  /** For --only and the tables. */
  readonly name: string;
  /** holder: the machine with the virtual address. master: one behind balancers that live on. */
  readonly fault: 'holder' | 'master';
  /** Files of others in place of trivet's; undefined: trivet's own. */
  readonly seed?: SeedVariant;
  /** Seconds that the median of /livez may take; undefined: no goal was set. */
  readonly goal?: number;
  /** The balancer between a watch and the lost master lives on and cuts it: seconds that this may take at worst. */
  readonly cutGoal?: number;
}

export interface FailoverCluster {
  readonly variant: Variant;
  readonly sets: readonly FailoverSet[];
}

const vip = { scheme: 'vip-on-masters' } as const;
const pair = { scheme: 'external-pair' } as const;
const local = { scheme: 'local-proxy' } as const;

/** In the order in which they are run: a cluster each, trivet's own files first. */
export const failoverClusters: readonly FailoverCluster[] = [
  {
    variant: { ...vip, proxy: 'none' },
    sets: [
      { name: 'vip-on-masters/none', fault: 'holder', goal: 0.65 },
      { name: 'seed 000', fault: 'holder', seed: '000' },
      { name: 'seed 001 preempt', fault: 'holder', seed: '001-preempt' },
      { name: 'seed 001 nopreempt', fault: 'holder', seed: '001-nopreempt' },
      { name: 'kube-vip', fault: 'holder', seed: 'kube-vip' },
    ],
  },
  { variant: { ...vip, proxy: 'none', profile: 'good-lan' }, sets: [{ name: 'vip-on-masters/none, good-lan', fault: 'holder' }] },
  { variant: { ...vip, proxy: 'haproxy' }, sets: [{ name: 'vip-on-masters/haproxy', fault: 'holder', goal: 0.9 }] },
  { variant: { ...vip, proxy: 'nginx' }, sets: [{ name: 'vip-on-masters/nginx', fault: 'holder', goal: 0.9 }] },
  {
    variant: { ...pair, proxy: 'haproxy' },
    sets: [
      { name: 'external-pair/haproxy, dead master', fault: 'master', goal: 0.8, cutGoal: 1.2 },
      { name: 'external-pair/haproxy, dead balancer', fault: 'holder', goal: 1 },
    ],
  },
  {
    variant: { ...pair, proxy: 'nginx' },
    sets: [
      { name: 'external-pair/nginx, dead master', fault: 'master', goal: 0.8 },
      { name: 'external-pair/nginx, dead balancer', fault: 'holder', goal: 1 },
    ],
  },
  {
    variant: { ...local, proxy: 'haproxy' },
    sets: [
      { name: 'local-proxy/haproxy', fault: 'master', goal: 0.7, cutGoal: 1.2 },
      { name: 'seed 001 haproxy', fault: 'master', seed: '001-haproxy' },
    ],
  },
  {
    variant: { ...local, proxy: 'nginx' },
    sets: [
      { name: 'local-proxy/nginx', fault: 'master', goal: 1.2 },
      { name: 'seed 001 nginx', fault: 'master', seed: '001-nginx' },
    ],
  },
];
