/** etcd's heartbeat and election: its own defaults, or quicker ones for a good network and disk. */

import type { ClusterSpec } from '../model/cluster.ts';

/** etcd's arguments, without dashes; empty for its defaults (100 ms, 1000 ms). */
export function etcdTiming(profile: ClusterSpec['profile']): Readonly<Record<string, string>> {
  return profile === 'good-lan' ? { 'heartbeat-interval': '50', 'election-timeout': '400' } : {};
}
