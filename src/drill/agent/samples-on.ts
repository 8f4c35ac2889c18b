/** What an agent can see of the cluster on one of its machines. */

import { type Cluster, etcdHosts, masters } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import type { AgentSamples } from './agent-plan.ts';

/** As trivet sets the machines up. */
const haproxySocket = '/run/trivet-balancer/haproxy.sock';
const careSocket = '/run/trivet-care/care.sock';

export function samplesOn(cluster: Cluster, host: Host): AgentSamples {
  const { scheme, schemeOptions, etcd, endpoint } = cluster;
  const members = etcd.name === 'stacked' ? masters(cluster) : etcd.name === 'hosted' ? etcdHosts(cluster) : [];
  const { caFile, certFile, keyFile } = members.includes(host) ? etcd.access(cluster, host) : { caFile: '', certFile: '', keyFile: '' };
  const balances = scheme.ports(cluster, host).length > 0;
  return {
    ...(scheme.vipHosts(cluster).includes(host) ? { vip: endpoint.address } : {}),
    ...(members.includes(host) ? { etcd: { url: 'https://127.0.0.1:2379', caFile, certFile, keyFile } } : {}),
    ...(balances && 'proxy' in schemeOptions && schemeOptions.proxy === 'haproxy' ? { haproxySocket } : {}),
    ...(schemeOptions.kind === 'local-care' && scheme.hosts(cluster).includes(host) ? { careSocket } : {}),
  };
}
