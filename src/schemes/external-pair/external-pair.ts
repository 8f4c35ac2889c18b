/** The scheme external-pair: machines of role lb balance over the masters and keep a virtual address between them. */

import { balancers, type ExternalPair } from '../../model/cluster.ts';
import type { Fault, Scheme } from '../../model/scheme.ts';
import { balancerInput, balancerPackages, balancerSocket, balancerSteps, noBalancerSteps } from '../parts/balancer-steps.ts';
import { vipPackages, vipSteps } from '../parts/vip-steps.ts';
import { lvsSteps } from './lvs-steps.ts';

const survives: Readonly<Record<ExternalPair['proxy'], readonly Fault[]>> = {
  haproxy: [
    'machine-power-off',
    'apiserver-killed',
    'apiserver-frozen',
    'kubelet-killed',
    'machine-isolated',
    'balancer-killed',
    'balancer-power-off',
  ],
  nginx: ['machine-power-off', 'apiserver-killed', 'kubelet-killed', 'machine-isolated', 'balancer-killed', 'balancer-power-off'],
  lvs: ['machine-power-off', 'apiserver-killed', 'apiserver-frozen', 'kubelet-killed', 'machine-isolated', 'balancer-power-off'],
};

export function externalPair(options: ExternalPair): Scheme<ExternalPair> {
  const { proxy } = options;
  const isBalancer = (cluster: Parameters<Scheme['packages']>[0], host: Parameters<Scheme['packages']>[1]) =>
    balancers(cluster).includes(host);
  return {
    name: 'external-pair',
    variant: `external-pair/${proxy}`,
    summary:
      proxy === 'lvs'
        ? 'machines of role lb balance in the kernel (LVS, NAT) and keep a virtual address between them by keepalived'
        : `machines of role lb balance with ${proxy} and keep a virtual address between them by keepalived`,
    survives: survives[proxy],
    costs: [
      'two machines or more that do nothing else; a free address on their network',
      ...(proxy === 'nginx' ? ['a frozen apiserver is not noticed'] : []),
      ...(proxy === 'lvs'
        ? ['a kernel with ip_vs on the lb machines', 'the apiservers see the balancer’s address in place of the client’s']
        : []),
    ],
    packages: (cluster, host) =>
      isBalancer(cluster, host) ? [...vipPackages, ...(proxy === 'lvs' ? ['ipvsadm'] : balancerPackages(proxy))] : [],
    certificateNames: () => [],
    ports: (cluster, host) => (isBalancer(cluster, host) && proxy !== 'lvs' ? [{ port: cluster.endpoint.port, of: proxy }] : []),
    apiserverBindAddress: () => undefined,
    nodeLocal: false,
    whereToLook:
      'who holds the address? ip -br address on the lb machines; journalctl there -u keepalived -u trivet-vip-watch -u trivet-balancer',
    vipHosts: balancers,
    hosts: balancers,
    plan: async (input) => {
      const { cluster, host } = input;
      const among = balancers(cluster);
      if (proxy === 'lvs') return [...noBalancerSteps(host), ...(await lvsSteps({ ...input, options, among }))];
      const { port } = cluster.endpoint;
      const serves = { what: 'balancer', port, onMaster: false, socket: balancerSocket(proxy) } as const;
      const balancer = balancerInput(cluster, { address: '0.0.0.0', port }, among.length);
      return [...balancerSteps(host, proxy, balancer), ...(await vipSteps({ ...input, options, among, serves }))];
    },
  };
}
