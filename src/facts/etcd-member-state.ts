/** How far a member of a hosted etcd has come on its machine, read from files alone. */

import type { Fact } from '../model/fact.ts';
import { lines, readSections, sections } from './machine/sections.ts';

export interface EtcdMemberState {
  /** What is in the data directory; empty before the first start. */
  readonly data: readonly string[];
  /** The founders that its configuration names, `e1=https://192.0.2.31:2380,…`; undefined without a configuration. */
  readonly initialCluster: string | undefined;
}

export const etcdMemberState: Fact<EtcdMemberState> = {
  name: 'etcd-member-state',
  argv: sections({
    data: 'ls -A /var/lib/trivet-etcd',
    'initial-cluster': "sed -n 's/^initial-cluster: *//p' /etc/trivet/etcd/etcd.yaml",
  }),
  parse: ({ stdout }) => {
    const section = readSections(stdout);
    return { data: lines(section('data')), initialCluster: section('initial-cluster').replaceAll(/^"|"$/g, '') || undefined };
  },
};
