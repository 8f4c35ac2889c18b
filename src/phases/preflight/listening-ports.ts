/** The TCP ports that Kubernetes, its etcd and its scheme will listen on, and what will. */

import type { Cluster } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import { isMaster, isNode } from './survey.ts';

export interface ListeningPort {
  readonly port: number;
  readonly of: string;
  /** Of the scheme's own balancer, whose port is the endpoint's. */
  readonly balancer: boolean;
}

const ofMasters = [
  { port: 6443, of: 'the apiserver' },
  { port: 10257, of: 'the controller manager' },
  { port: 10259, of: 'the scheduler' },
];
const ofMembers = [
  { port: 2379, of: 'etcd' },
  { port: 2380, of: 'etcd' },
];
const ofNodes = [{ port: 10250, of: 'the kubelet' }];

/** A port may be of two: local-proxy and local-care/proxy put a balancer on the apiservers' 6443, at another address. */
export function listeningPorts(cluster: Cluster, host: Host): readonly ListeningPort[] {
  const hasMember = cluster.etcd.name === 'stacked' ? isMaster(host) : host.roles.includes('etcd');
  const kubernetes = [...(isMaster(host) ? ofMasters : []), ...(hasMember ? ofMembers : []), ...(isNode(host) ? ofNodes : [])];
  return [
    ...kubernetes.map(({ port, of }) => ({ port, of, balancer: false })),
    ...cluster.scheme.ports(cluster, host).map(({ port, of }) => ({ port, of, balancer: true })),
  ];
}
