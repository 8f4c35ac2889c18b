/** The scheme local-proxy: a balancer on every node at 127.0.0.1, in front of all apiservers. */

import { type LocalProxy, nodes } from '../../model/cluster.ts';
import type { Scheme } from '../../model/scheme.ts';
import { apiserverPatchPath, bindAddressPatch } from '../../render/kubeadm-patches.ts';
import { balancerInput, balancerPackages, balancerSteps } from '../parts/balancer-steps.ts';
import { fileStep } from '../parts/scheme-steps.ts';

export function localProxy({ proxy }: LocalProxy): Scheme<LocalProxy> {
  return {
    name: 'local-proxy',
    variant: `local-proxy/${proxy}`,
    summary: `${proxy} on every node at 127.0.0.1:6443 in front of all apiservers; no address moves`,
    survives: [
      'machine-power-off',
      'apiserver-killed',
      ...(proxy === 'haproxy' ? (['apiserver-frozen'] as const) : []),
      'kubelet-killed',
      'machine-isolated',
    ],
    costs: [
      'a balancer on every node, brought to each change of the masters by trivet up',
      'a balancer’s death cuts off its own node until systemd has started it again',
      'clients outside the cluster choose a master themselves: a context each in the kubeconfig',
      ...(proxy === 'nginx' ? ['a frozen apiserver is not noticed'] : []),
    ],
    packages: (cluster, host) => (nodes(cluster).includes(host) ? balancerPackages(proxy) : []),
    certificateNames: () => ['127.0.0.1'],
    ports: (cluster, host) => (nodes(cluster).includes(host) ? [{ port: cluster.endpoint.port, of: proxy }] : []),
    // Port 6443 of 127.0.0.1 belongs to the balancer.
    apiserverBindAddress: (host) => host.internalAddress,
    nodeLocal: true,
    whereToLook: 'on that machine: journalctl -u trivet-balancer -n 50; trivet status tells what each balancer thinks of the masters',
    vipHosts: () => [],
    hosts: nodes,
    plan: async ({ cluster, host }) => {
      const input = balancerInput(cluster, { address: '127.0.0.1', port: cluster.endpoint.port }, nodes(cluster).length);
      const patch = host.roles.includes('master')
        ? [fileStep(host, 'apiserver-patch', apiserverPatchPath, bindAddressPatch(host.internalAddress), {})]
        : [];
      return [...patch, ...balancerSteps(host, proxy, input)];
    },
  };
}
