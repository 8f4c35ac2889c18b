/** `scheme` as the file says it → the scheme's options, complete; and the defaults that depend on it. */

import type { ClusterSpec, SchemeOptions, VrrpOptions } from '../model/cluster.ts';
import type { ClusterFile } from './cluster-schema.ts';
import { schemeMap } from './scheme-schema.ts';
import { schemeOfWord } from './scheme-word.ts';

type FileScheme = NonNullable<ClusterFile['spec']['scheme']>;
type FileVrrp = Extract<FileScheme, { readonly kind: 'vip-on-masters' }>;

/** Whoever names an address without a scheme means one that moves among the masters; whoever names none needs none. */
export function defaultScheme(addressIsGiven: boolean): 'vip-on-masters' | 'local-care' {
  return addressIsGiven ? 'vip-on-masters' : 'local-care';
}

/** sealos's. Nobody's on any network: each node keeps it for itself. */
export const careAddress = '10.103.97.2';

/**
 * kubeadm's own /12 contains careAddress, and what kube-proxy's nftables mode finds in the service range without having given it
 * to a service, it drops.
 */
export function defaultServiceSubnet(kind: SchemeOptions['kind'] | undefined): string {
  return kind === 'local-care' ? '10.96.0.0/16' : '10.96.0.0/12';
}

export function toSchemeOptions(scheme: FileScheme, profile: ClusterSpec['profile']): SchemeOptions {
  return complete(typeof scheme === 'string' ? schemeMap.parse(schemeOfWord(scheme)) : scheme, profile);
}

/** With a balancer on the masters the endpoint needs a port that is not the apiserver's. */
export function defaultPort(options: SchemeOptions): number {
  return options.kind === 'vip-on-masters' && options.proxy !== 'none' ? 8443 : 6443;
}

export function defaultAdvertSeconds(profile: ClusterSpec['profile']): number {
  return profile === 'good-lan' ? 0.1 : 0.2;
}

function complete(scheme: Exclude<FileScheme, string>, profile: ClusterSpec['profile']): SchemeOptions {
  switch (scheme.kind) {
    case 'vip-on-masters':
      return { kind: scheme.kind, proxy: scheme.proxy, ...toVrrp(scheme, profile) };
    case 'external-pair':
      return { kind: scheme.kind, proxy: scheme.proxy, ...toVrrp(scheme, profile) };
    case 'external':
      return { kind: scheme.kind };
    case 'local-proxy':
      return { kind: scheme.kind, proxy: scheme.proxy };
    case 'local-care':
      // Chosen here, not on each node: it decides where apiservers may listen.
      return { kind: scheme.kind, backend: scheme.backend === 'auto' ? 'nft' : scheme.backend };
  }
}

function toVrrp(scheme: Omit<FileVrrp, 'kind' | 'proxy'>, profile: ClusterSpec['profile']): VrrpOptions {
  return {
    preempt: scheme.preempt,
    virtualRouterId: scheme.virtualRouterId,
    advertSeconds: scheme.advertSeconds ?? defaultAdvertSeconds(profile),
    interface: scheme.interface,
    multicast: scheme.multicast,
  };
}
