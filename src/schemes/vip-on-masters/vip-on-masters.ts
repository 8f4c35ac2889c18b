/** The scheme vip-on-masters: a virtual address that keepalived keeps on a master, with or without a balancer behind it. */

import { type ClusterSpec, masters, type VipOnMasters } from '../../model/cluster.ts';
import type { Fault, Scheme } from '../../model/scheme.ts';
import { balancerInput, balancerPackages, balancerSocket, balancerSteps, noBalancerSteps } from '../parts/balancer-steps.ts';
import { vipPackages, vipSteps } from '../parts/vip-steps.ts';

const withoutProxy: readonly Fault[] = ['machine-power-off', 'apiserver-killed', 'apiserver-frozen', 'kubelet-killed', 'machine-isolated'];

const survives: Readonly<Record<VipOnMasters['proxy'], readonly Fault[]>> = {
  none: withoutProxy,
  haproxy: [...withoutProxy, 'balancer-killed'],
  // nginx learns from failed connections only, and a frozen apiserver still takes them.
  nginx: ['machine-power-off', 'apiserver-killed', 'kubelet-killed', 'machine-isolated', 'balancer-killed'],
};

export function vipOnMasters(options: VipOnMasters): Scheme<VipOnMasters> {
  const { proxy } = options;
  const hosts = (cluster: ClusterSpec) =>
    // A single master without an address of its own for the endpoint has nothing to move.
    cluster.hosts.some((host) => host.internalAddress === cluster.endpoint.address) ? [] : masters(cluster);
  return {
    name: 'vip-on-masters',
    variant: `vip-on-masters/${proxy}`,
    summary:
      proxy === 'none'
        ? 'keepalived moves a virtual address to a master whose apiserver serves; no other machine is needed'
        : `keepalived moves a virtual address among ${proxy} balancers on the masters, each in front of all apiservers`,
    survives: survives[proxy],
    costs: [
      'a free address on the masters’ network; all masters on one network',
      ...(proxy === 'none' ? ['one apiserver takes all requests'] : ['a second port, 8443 by default', 'one more hop for each request']),
      ...(proxy === 'nginx' ? ['a frozen apiserver is not noticed'] : []),
    ],
    packages: (cluster, host) =>
      hosts(cluster).includes(host) ? [...vipPackages, ...(proxy === 'none' ? [] : balancerPackages(proxy))] : [],
    certificateNames: () => [],
    ports: (cluster, host) => (proxy === 'none' || !hosts(cluster).includes(host) ? [] : [{ port: cluster.endpoint.port, of: proxy }]),
    apiserverBindAddress: () => undefined,
    nodeLocal: false,
    whereToLook: 'who holds the address? ip -br address on the masters; journalctl -u keepalived -u trivet-vip-watch',
    vipHosts: hosts,
    hosts,
    plan: async (input) => {
      const { cluster, host } = input;
      const among = masters(cluster);
      const { port } = cluster.endpoint;
      const vip = { ...input, options, among };
      if (proxy === 'none') {
        const serves = { what: 'apiserver', port, onMaster: true, socket: undefined } as const;
        return [...noBalancerSteps(host), ...(await vipSteps({ ...vip, serves }))];
      }
      const serves = { what: 'balancer', port, onMaster: true, socket: balancerSocket(proxy) } as const;
      const balancer = balancerInput(cluster, { address: '0.0.0.0', port }, among.length);
      return [...balancerSteps(host, proxy, balancer), ...(await vipSteps({ ...vip, serves }))];
    },
  };
}
