/** The status of a cluster of which nothing is known: faults on machines do not ask for it. */

import type { ClusterStatus } from '../../../src/status/cluster-status.ts';

export const emptyStatus: ClusterStatus = {
  cluster: 'none',
  scheme: 'none',
  healthy: true,
  problems: [],
  endpoint: { address: '192.0.2.100', port: 6443, keptBy: 'one-machine', holders: [], answers: [], asked: 0 },
  machines: [],
  etcd: { topology: 'stacked', members: [], voters: 0, healthy: 0, quorum: 0, spare: 0 },
  leaders: [],
};
