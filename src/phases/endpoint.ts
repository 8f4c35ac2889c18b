/** Phase: whatever the chosen scheme puts on its machines to keep the endpoint alive. */

import type { Phase } from '../model/phase.ts';

export const endpoint: Phase = {
  name: 'endpoint',
  summary: 'the endpoint that stays when a master dies',
  usualSeconds: 3,
  order: 'parallel',
  hosts: (cluster) => cluster.scheme.hosts(cluster),
  plan: ({ cluster, host, read }) => cluster.scheme.plan({ cluster, host, read }),
};
