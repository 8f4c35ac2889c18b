/** What a cluster file says, complete with its defaults, and the two choices bound to the code that carries them out. */

import type { Bundle } from './bundle.ts';
import type { EtcdTopology } from './etcd-topology.ts';
import type { Host } from './host.ts';
import type { Scheme } from './scheme.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** The address that every client of the API uses; the scheme keeps it alive. */
export interface Endpoint {
  /** Name in certificates, kubeconfigs and every machine's /etc/hosts: what makes a later move possible. */
  readonly domain: string;
  readonly address: string;
  readonly port: number;
  readonly extraSans: readonly string[];
}

/** Raw kubeadm configuration, merged over what trivet renders: per kind, key by key, lists replaced. */
export interface KubeadmPassthrough {
  readonly cluster: JsonObject;
  readonly init: JsonObject;
  readonly join: JsonObject;
  readonly kubelet: JsonObject;
  readonly kubeProxy: JsonObject;
}

export interface VipOnMasters {
  readonly kind: 'vip-on-masters';
  /** false: the VIP stays where a failure moved it; true: it goes back to the first healthy master in the file's order. */
  readonly preempt: boolean;
  /** VRRP virtual router id, 1–255; undefined: one that was seen to be free. */
  readonly virtualRouterId: number | undefined;
  /** Seconds between VRRP adverts, in hundredths (0.01–40.95). */
  readonly advertSeconds: number;
  /** Network interface that carries the VIP; undefined: the one of the host's internal address. */
  readonly interface: string | undefined;
}

export type SchemeOptions = VipOnMasters;

export interface StackedEtcd {
  readonly kind: 'stacked';
}

export type EtcdOptions = StackedEtcd;

export type PodNetwork = { readonly kind: 'builtin' } | { readonly kind: 'manifest'; readonly path: string };

/** Data only: what spec/ makes of a file or of flags. All paths are absolute. */
export interface ClusterSpec {
  readonly name: string;
  readonly hosts: readonly Host[];
  readonly kubernetes: {
    /** With its v: v1.34.4. */
    readonly version: string;
    /** Names for kubeadm's --ignore-preflight-errors, for what a machine really lacks. */
    readonly ignorePreflightErrors: readonly string[];
    readonly kubeadm: KubeadmPassthrough;
  };
  readonly endpoint: Endpoint;
  readonly schemeOptions: SchemeOptions;
  readonly etcdOptions: EtcdOptions;
  readonly network: {
    readonly podSubnet: string;
    readonly serviceSubnet: string;
    readonly dnsDomain: string;
    readonly podNetwork: PodNetwork;
  };
  /** Directory or tar of an offline bundle; undefined: the machines already have everything. */
  readonly bundle: string | undefined;
  /** Name of the lab whose machines these are; commands then enter its network namespace by themselves. */
  readonly lab: string | undefined;
}

export interface Cluster extends ClusterSpec {
  readonly scheme: Scheme;
  readonly etcd: EtcdTopology;
  /** The bundle of the file's `bundle:`, opened and its manifest read; undefined when none is named. */
  readonly openBundle: Bundle | undefined;
  /** The text of a pod network's manifest; undefined with the built-in network. */
  readonly podNetworkManifest: string | undefined;
}

/** The masters in the file's order. The first is first only by order: nothing depends on it once it is up. */
export function masters(cluster: ClusterSpec): readonly Host[] {
  return cluster.hosts.filter((host) => host.roles.includes('master'));
}

/** Every host that becomes a Kubernetes node. */
export function nodes(cluster: ClusterSpec): readonly Host[] {
  return cluster.hosts.filter((host) => host.roles.includes('master') || host.roles.includes('worker'));
}

/** Hosts that are workers only. */
export function workers(cluster: ClusterSpec): readonly Host[] {
  return nodes(cluster).filter((host) => !host.roles.includes('master'));
}
