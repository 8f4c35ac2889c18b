/** The schemes and etcd topologies that there are, chosen by a spec's options. */

import { foreignEtcd } from '../etcd/foreign/foreign-etcd.ts';
import { hostedEtcd } from '../etcd/hosted/hosted-etcd.ts';
import { stackedEtcd } from '../etcd/stacked/stacked-etcd.ts';
import type { ClusterSpec, SchemeOptions, VrrpOptions } from '../model/cluster.ts';
import type { EtcdCertificates, EtcdTopology } from '../model/etcd-topology.ts';
import { Failure } from '../model/failure.ts';
import type { Scheme } from '../model/scheme.ts';
import { external } from '../schemes/external/external.ts';
import { externalPair } from '../schemes/external-pair/external-pair.ts';
import { localCare } from '../schemes/local-care/local-care.ts';
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
    case 'local-care':
      return localCare(options);
  }
}

const vrrp: VrrpOptions = { preempt: false, virtualRouterId: undefined, advertSeconds: 0.2, interface: undefined, multicast: false };

/** Every choice that makes another scheme, with its other options as they are by default; the default ones first, without and with an address. */
export const everySchemeOptions: readonly SchemeOptions[] = [
  ...(['nft', 'ipvs', 'proxy'] as const).map((backend) => ({ kind: 'local-care' as const, backend })),
  ...(['none', 'haproxy', 'nginx'] as const).map((proxy) => ({ kind: 'vip-on-masters' as const, proxy, ...vrrp })),
  ...(['haproxy', 'nginx', 'lvs'] as const).map((proxy) => ({ kind: 'external-pair' as const, proxy, ...vrrp })),
  { kind: 'external' },
  ...(['haproxy', 'nginx'] as const).map((proxy) => ({ kind: 'local-proxy' as const, proxy })),
];

export const everyScheme: readonly Scheme[] = everySchemeOptions.map(schemeOf);

/** `certificates`: of an etcd of the user's own. */
export function etcdOf({ etcdOptions }: ClusterSpec, certificates?: EtcdCertificates): EtcdTopology {
  switch (etcdOptions.kind) {
    case 'stacked':
      return stackedEtcd;
    case 'hosted':
      return hostedEtcd;
    case 'foreign':
      if (certificates === undefined) throw new Failure('INTERNAL', 'the certificates of the etcd were not read');
      return foreignEtcd(etcdOptions, certificates);
  }
}
