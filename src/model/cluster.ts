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

/** What listens on a port of its own and hands connections to the apiservers. */
export type Balancer = 'haproxy' | 'nginx';

/** How keepalived keeps a virtual address on one of several machines. */
export interface VrrpOptions {
  /** false: the VIP stays where a failure moved it; true: it goes back to the first healthy machine in the file's order. */
  readonly preempt: boolean;
  /** VRRP virtual router id, 1–255; undefined: one that was seen to be free. */
  readonly virtualRouterId: number | undefined;
  /** Seconds between VRRP adverts, in hundredths (0.01–40.95). */
  readonly advertSeconds: number;
  /** Network interface that carries the VIP; undefined: the one of the host's internal address. */
  readonly interface: string | undefined;
  /** Adverts to 224.0.0.18 instead of to each peer: for networks that filter what they do not know. */
  readonly multicast: boolean;
}

/** The VIP moves among the masters; with a proxy it leads to a balancer on its machine, on endpoint.port, which knows all masters. */
export interface VipOnMasters extends VrrpOptions {
  readonly kind: 'vip-on-masters';
  readonly proxy: 'none' | Balancer;
}

/** Machines of role lb hold the VIP between them and balance over all masters; lvs does so in the kernel. */
export interface ExternalPair extends VrrpOptions {
  readonly kind: 'external-pair';
  readonly proxy: Balancer | 'lvs';
}

/** An address that the user's own load balancer keeps; checked, never touched. */
export interface External {
  readonly kind: 'external';
}

/** A balancer on every node at 127.0.0.1:6443; the apiservers listen on their host's own address only. */
export interface LocalProxy {
  readonly kind: 'local-proxy';
  readonly proxy: Balancer;
}

/** What carries connections on each node: nftables, IPVS, or the daemon itself. In the file also auto, which is nft. */
export type CareBackend = 'nft' | 'ipvs' | 'proxy';

/** trivet care on every node keeps an address there, each node's own, that leads to healthy apiservers. */
export interface LocalCare {
  readonly kind: 'local-care';
  readonly backend: CareBackend;
}

export type SchemeOptions = VipOnMasters | ExternalPair | External | LocalProxy | LocalCare;

export interface StackedEtcd {
  readonly kind: 'stacked';
}

/** Members of their own, on the hosts of role etcd, as systemd units that trivet makes; those hosts may be masters too. */
export interface HostedEtcd {
  readonly kind: 'hosted';
}

/** A cluster that the user brings. Paths on the operator's machine. */
export interface ForeignEtcd {
  readonly kind: 'foreign';
  /** https://ADDRESS:PORT, odd in number. */
  readonly endpoints: readonly string[];
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** In the file: `etcd: stacked`, `{topology: external}` (hosted) or `{topology: external, endpoints: […], …}` (foreign). */
export type EtcdOptions = StackedEtcd | HostedEtcd | ForeignEtcd;

/** Where CoreDNS runs: at most one replica a machine. */
export interface DnsOptions {
  readonly on: 'masters' | 'workers' | 'all';
  readonly as: 'deployment' | 'daemonset';
}

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
  /** good-lan: etcd's heartbeat 50 ms and election 400 ms, adverts of 0.1 s unless said otherwise. */
  readonly profile: 'standard' | 'good-lan';
  /** How joining masters get the cluster's keys: through a Secret that kubeadm encrypts, or copied over SSH. */
  readonly certificates: 'upload' | 'copy';
  readonly dns: DnsOptions;
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
  /** The user's own budgets for drills, by name (drill-budgets.ts): milliseconds, or a number of failed requests. Empty: the scheme's. */
  readonly drillBudgets: Readonly<Record<string, number>>;
}

/** The file that becomes /usr/local/bin/trivet on nodes. */
export interface CareExecutable {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface Cluster extends ClusterSpec {
  readonly scheme: Scheme;
  readonly etcd: EtcdTopology;
  /** The bundle of the file's `bundle:`, opened and its manifest read; undefined when none is named. */
  readonly openBundle: Bundle | undefined;
  /** trivet as one executable on the operator's disk, for the nodes of a scheme that runs it there; undefined: none is needed now. */
  readonly careExecutable: CareExecutable | undefined;
  /** The text of a pod network's manifest; undefined with the built-in network. */
  readonly podNetworkManifest: string | undefined;
}

/** The masters in the file's order. The first is first only by order: nothing depends on it once it is up. */
export function masters(cluster: ClusterSpec): readonly Host[] {
  return cluster.hosts.filter((host) => host.roles.includes('master'));
}

/** Balancer machines of the scheme external-pair, in the file's order. */
export function balancers(cluster: ClusterSpec): readonly Host[] {
  return cluster.hosts.filter((host) => host.roles.includes('lb'));
}

/** Machines with an etcd member of their own (topology external), in the file's order. */
export function etcdHosts(cluster: ClusterSpec): readonly Host[] {
  return cluster.hosts.filter((host) => host.roles.includes('etcd'));
}

/** Every host that becomes a Kubernetes node. */
export function nodes(cluster: ClusterSpec): readonly Host[] {
  return cluster.hosts.filter((host) => host.roles.includes('master') || host.roles.includes('worker'));
}

/** Hosts that are workers only. */
export function workers(cluster: ClusterSpec): readonly Host[] {
  return nodes(cluster).filter((host) => !host.roles.includes('master'));
}
