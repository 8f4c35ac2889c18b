/** The endpoint's port: what may answer there under each scheme. */

import type { Draft } from './draft.ts';
import type { Finding } from './finding.ts';

/** Ports of a master that Kubernetes and etcd listen on. */
const taken: ReadonlyMap<number, string> = new Map([
  [2379, 'etcd serves its clients there'],
  [2380, 'etcd serves its peers there'],
  [2381, 'etcd answers health checks there'],
  [6443, 'the apiserver listens there'],
  [10248, 'the kubelet answers health checks there'],
  [10249, 'kube-proxy shows its metrics there'],
  [10250, 'the kubelet listens there'],
  [10256, 'kube-proxy answers health checks there'],
  [10257, 'the controller manager listens there'],
  [10259, 'the scheduler listens there'],
]);

export function portFindings(draft: Draft): readonly Finding[] {
  const { endpointPort: port, scheme, hosts } = draft;
  if (scheme === undefined || typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) return [];
  const finding = (message: string, expected: string): readonly Finding[] => [
    { path: ['spec', 'controlPlaneEndpoint', 'port'], at: 'value', message, expected },
  ];
  const { kind, proxy } = scheme;
  if (kind === 'external') return [];
  // Of each node's own address, whose connections trivet care takes before any listener of the machine.
  if (kind === 'local-care' && scheme.backend !== 'proxy') return [];
  if (kind === 'local-proxy') {
    if (port === 6443) return [];
    return finding(
      `${port} is not possible with local-proxy: the balancer on each node listens on 127.0.0.1:6443`,
      '6443, or leave it out',
    );
  }
  if (kind === 'vip-on-masters' && proxy === 'none') {
    if (port === 6443) return [];
    const reason = `${port} is not possible with vip-on-masters without a proxy: the apiservers themselves answer at the address, on 6443`;
    return finding(reason, '6443; or a balancer with a port of its own, scheme: {kind: vip-on-masters, proxy: haproxy}');
  }
  const listeners = hosts.filter((host) => (kind === 'external-pair' ? host.isBalancer : kind === 'local-care' || host.isMaster));
  const ssh = listeners.find((host) => host.sshPort === port);
  if (ssh !== undefined) return finding(`${port} is taken: sshd of ${ssh.label} listens there`, `another port${usual(kind)}`);
  if (kind === 'external-pair') return [];
  // The apiservers listen on their hosts' own addresses alone.
  if (kind === 'local-care' && port === 6443) return [];
  const use = taken.get(port);
  if (use !== undefined) return finding(`${port} is taken on the masters: ${use}`, `another port${usual(kind)}`);
  if (port < 30000 || port > 32767) return [];
  return finding(`${port} is a port that Kubernetes gives to services of type NodePort, 30000–32767`, `another port${usual(kind)}`);
}

function usual(kind: 'vip-on-masters' | 'external-pair' | 'local-care'): string {
  return kind === 'vip-on-masters' ? ', such as 8443' : ', such as 6443';
}
