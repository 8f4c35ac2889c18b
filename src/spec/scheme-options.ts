/** `scheme` as the file says it → the scheme's options, complete. */

import type { ClusterSpec, SchemeOptions, VrrpOptions } from '../model/cluster.ts';
import type { ClusterFile } from './cluster-schema.ts';

type FileScheme = ClusterFile['spec']['scheme'];
type FileVrrp = Extract<FileScheme, { readonly kind: 'vip-on-masters' }>;

export function toSchemeOptions(scheme: FileScheme, profile: ClusterSpec['profile']): SchemeOptions {
  if (typeof scheme !== 'string') return complete(scheme, profile);
  const vrrp = { preempt: false, multicast: false };
  switch (scheme) {
    case 'vip-on-masters':
      return complete({ kind: scheme, proxy: 'none', ...vrrp }, profile);
    case 'external-pair':
      return complete({ kind: scheme, proxy: 'haproxy', ...vrrp }, profile);
    case 'external':
      return { kind: scheme };
    case 'local-proxy':
      return { kind: scheme, proxy: 'haproxy' };
  }
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
