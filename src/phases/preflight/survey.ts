/** Everything that preflight has gathered, as the checks see it. A part that could not be read, or was not asked for, is undefined. */

import type { EtcdMemberState } from '../../facts/etcd-member-state.ts';
import type { EtcdMember } from '../../facts/etcd-members.ts';
import type { LinkAnswer } from '../../facts/machine/answers-on-link.ts';
import type { MachineCapacity } from '../../facts/machine/capacity.ts';
import type { ClusterTraces } from '../../facts/machine/cluster-traces.ts';
import type { EndpointAsBuilt } from '../../facts/machine/endpoint-as-built.ts';
import type { EndpointSeen } from '../../facts/machine/endpoint-seen.ts';
import type { HostsEntry } from '../../facts/machine/hosts-file.ts';
import type { MachineIdentity } from '../../facts/machine/identity.ts';
import type { KeepalivedFound } from '../../facts/machine/keepalived-found.ts';
import type { MachineKernel } from '../../facts/machine/kernel.ts';
import type { Listener } from '../../facts/machine/listeners.ts';
import type { MachineNetwork } from '../../facts/machine/network.ts';
import type { Reach } from '../../facts/machine/reachable.ts';
import type { VrrpAdvert } from '../../facts/machine/vrrp-seen.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';

export interface ClockReading {
  /** The machine's time minus the operator's, in milliseconds. */
  readonly offsetMs: number;
  /** By how much that may be wrong, either way: half of the time the question took. */
  readonly uncertaintyMs: number;
}

export interface Surveyed {
  readonly host: Host;
  readonly identity: MachineIdentity;
  readonly clock: ClockReading | undefined;
  readonly capacity: MachineCapacity | undefined;
  readonly kernel: MachineKernel | undefined;
  readonly network: MachineNetwork | undefined;
  readonly listeners: readonly Listener[] | undefined;
  readonly traces: ClusterTraces | undefined;
  readonly built: EndpointAsBuilt | undefined;
  /** Only of nodes, and where the endpoint is the user's own balancer. */
  readonly endpoint: EndpointSeen | undefined;
  /** Only of machines that the endpoint's address may move to. */
  readonly keepalived: KeepalivedFound | undefined;
  readonly hostsFile: readonly HostsEntry[] | undefined;
  readonly reach: readonly Reach[] | undefined;
  /** Of a hosted etcd's machines. */
  readonly etcdState?: EtcdMemberState | undefined;
  /** What the member there tells of all members; empty when it does not run. */
  readonly etcdMembers?: readonly EtcdMember[] | undefined;
}

export interface Survey {
  readonly cluster: Cluster;
  /** The machines that could be looked at, in the file's order. */
  readonly machines: readonly Surveyed[];
  /** What one machine heard of VRRP; adverts are undefined when it cannot listen. */
  readonly vrrp: { readonly from: string; readonly adverts: readonly VrrpAdvert[] | undefined } | undefined;
  /** Who answered for the VIP when one machine asked. */
  readonly vipAnswer: { readonly from: string; readonly answer: LinkAnswer | undefined } | undefined;
}

/** True for a machine that trivet has already made a part of this cluster. */
export function belongs(cluster: Cluster, traces: ClusterTraces | undefined): boolean {
  return traces?.hasReceipt === true && traces.clusterName === cluster.name;
}

/** False where the endpoint's address does not move. */
export function hasVip(cluster: Cluster): boolean {
  return cluster.scheme.vipHosts(cluster).length > 0;
}

/** True where each node keeps the endpoint's address for itself, and it is none of loopback's. */
export function hasOwnAddress(cluster: Cluster): boolean {
  return cluster.scheme.nodeLocal && !cluster.endpoint.address.startsWith('127.');
}

/** False for machines that only balance or hold etcd: no kubelet runs there. */
export function isNode(host: Host): boolean {
  return isMaster(host) || host.roles.includes('worker');
}

/** The interface that the file names for the endpoint's address on this host; undefined: found by looking. */
export function vipInterface(cluster: Cluster, host: Host): string | undefined {
  return ('interface' in cluster.schemeOptions ? cluster.schemeOptions.interface : undefined) ?? host.interface;
}

export function isMaster(host: Host): boolean {
  return host.roles.includes('master');
}
