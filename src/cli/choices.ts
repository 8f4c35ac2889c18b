/** The schemes and etcd topologies that there are, chosen by a spec's options. */

import { stackedEtcd } from '../etcd/stacked/stacked-etcd.ts';
import type { ClusterSpec, SchemeOptions } from '../model/cluster.ts';
import type { EtcdTopology } from '../model/etcd-topology.ts';
import { Failure } from '../model/failure.ts';
import type { Scheme } from '../model/scheme.ts';
import { external } from '../schemes/external/external.ts';
import { externalPair } from '../schemes/external-pair/external-pair.ts';
import { localProxy } from '../schemes/local-proxy/local-proxy.ts';
import { vipOnMasters } from '../schemes/vip-on-masters/vip-on-masters.ts';

export function schemeOf(options: SchemeOptions): Scheme {
  switch (options.kind) {
    case 'vip-on-masters':
      return vipOnMasters(options);
    case 'external-pair':
      return externalPair(options);
    case 'external':
      return external(options);
    case 'local-proxy':
      return localProxy(options);
  }
}

export function etcdOf(spec: ClusterSpec): EtcdTopology {
  if (spec.etcdOptions.kind === 'stacked') return stackedEtcd;
  throw new Failure('INTERNAL', `etcd ${spec.etcdOptions.kind} is not built yet`);
}
