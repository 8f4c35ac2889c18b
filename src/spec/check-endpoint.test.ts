import { describe, expect, test } from 'vitest';
import { sampleProblems, sampleResult, threeMasters } from './sample-file.ts';

const pair = [...threeMasters, 'l1 41 lb', 'l2 42 lb'];
const spec = (endpoint: string, scheme: string) => `controlPlaneEndpoint: {${endpoint}}\nscheme: ${scheme}`;
const haproxy = '{kind: vip-on-masters, proxy: haproxy}';

describe('endpointFindings: the address', () => {
  test.each<readonly [string, string, readonly string[], string]>([
    [
      'local-proxy at a virtual address',
      spec('address: 192.0.2.100', 'local-proxy'),
      threeMasters,
      'c:6:35 spec.controlPlaneEndpoint.address: 192.0.2.100 is not possible with local-proxy: each machine has a balancer of its own; expected 127.0.0.1, or leave it out',
    ],
    [
      "local-care at a host's own address",
      spec('address: 192.0.2.12', 'local-care'),
      threeMasters,
      "c:6:35 spec.controlPlaneEndpoint.address: 192.0.2.12 is the address of m2: each node keeps the endpoint's address for itself, and would no longer reach that machine; expected an address that no machine has; 10.103.97.2 if this is left out",
    ],
    [
      'local-care at loopback',
      spec('address: 127.0.0.1', 'local-care'),
      threeMasters,
      "c:6:35 spec.controlPlaneEndpoint.address: 127.0.0.1 cannot be local-care's address; expected an address that is not loopback, link-local, multicast or reserved",
    ],
    [
      'local-care among the services',
      `${spec('address: 10.96.0.7', 'local-care')}`,
      threeMasters,
      "c:6:35 spec.controlPlaneEndpoint.address: 10.96.0.7 lies in serviceSubnet 10.96.0.0/16, where kube-proxy drops what is no service of its own; expected an address outside the cluster's networks, such as 10.103.97.2",
    ],
    [
      'local-care among the pods',
      `${spec('address: 10.244.0.1', 'local-care')}`,
      threeMasters,
      "c:6:35 spec.controlPlaneEndpoint.address: 10.244.0.1 lies in podSubnet 10.244.0.0/16; expected an address outside the cluster's networks, such as 10.103.97.2",
    ],
    [
      "local-care's own address among services of kubeadm's usual range",
      'network: {serviceSubnet: 10.96.0.0/12}',
      threeMasters,
      "c:6:28 spec.network.serviceSubnet: 10.96.0.0/12 contains 10.103.97.2, the endpoint's address with local-care, where kube-proxy drops what is no service of its own; expected a subnet without it, such as 10.96.0.0/16, or another controlPlaneEndpoint.address",
    ],
    [
      'external without an address',
      'scheme: external',
      threeMasters,
      'c:4:1 spec.controlPlaneEndpoint.address: missing; expected the address of your load balancer, which forwards to port 6443 of every master',
    ],
    [
      'external at a machine of the cluster',
      spec('address: 192.0.2.11', 'external'),
      ['m1 11 master'],
      'c:6:35 spec.controlPlaneEndpoint.address: 192.0.2.11 is the address of m1, a machine of the cluster itself; expected the address of a load balancer outside the cluster; the other schemes make one on machines of yours',
    ],
    [
      'external at loopback',
      spec('address: 127.0.0.1', 'external'),
      threeMasters,
      "c:6:35 spec.controlPlaneEndpoint.address: 127.0.0.1 cannot be a balancer's address; expected an address that is not loopback, link-local, multicast or reserved",
    ],
    [
      'external among the services',
      spec('address: 10.100.0.1', 'external'),
      threeMasters,
      'c:6:35 spec.controlPlaneEndpoint.address: 10.100.0.1 lies in serviceSubnet 10.96.0.0/12; expected an address on another network',
    ],
    [
      'external-pair without an address',
      'scheme: external-pair',
      pair,
      "c:4:1 spec.controlPlaneEndpoint.address: missing; expected a free address on the balancers' network, which moves among the hosts of role lb",
    ],
    [
      'external-pair at a balancer',
      spec('address: 192.0.2.41', 'external-pair'),
      pair,
      "c:6:35 spec.controlPlaneEndpoint.address: 192.0.2.41 is the address of l1; expected a free address on the balancers' network, which moves among them",
    ],
    [
      'external-pair among the pods',
      spec('address: 10.244.0.1', 'external-pair'),
      ['m1 11 master'],
      "c:6:35 spec.controlPlaneEndpoint.address: 10.244.0.1 lies in podSubnet 10.244.0.0/16; expected an address on the balancers' own network",
    ],
    [
      'external-pair far from its balancers',
      spec('address: 198.51.100.9', 'external-pair'),
      pair,
      "c:6:35 spec.controlPlaneEndpoint.address: 198.51.100.9 is on another network than l1 (192.0.2.41), l2 (192.0.2.42); expected a free address in the balancers' own subnet: the VIP moves among them by ARP",
    ],
    [
      'a proxy on a single master without an address',
      'scheme: {kind: vip-on-masters, proxy: nginx}',
      ['m1 11 master'],
      "c:4:1 spec.controlPlaneEndpoint.address: missing; expected a free address on the masters' network",
    ],
    [
      'a proxy at the single master',
      spec('address: 192.0.2.11', haproxy),
      ['m1 11 master'],
      "c:6:35 spec.controlPlaneEndpoint.address: 192.0.2.11 is the address of m1; behind a proxy the endpoint needs an address of its own; expected a free address on the masters' network, which moves to a living master",
    ],
  ])('%s is refused', (_, text, hosts, expected) => {
    // Other problems of the same file do not matter here.
    expect(sampleProblems({ spec: text, hosts })).toContain(expected);
  });

  test.each<readonly [string, string, readonly string[], string]>([
    ['local-proxy', 'scheme: local-proxy', threeMasters, '127.0.0.1'],
    ['local-proxy that says it', spec('address: 127.0.0.1, port: 6443', 'local-proxy'), threeMasters, '127.0.0.1'],
    ['external far away', spec('address: 203.0.113.9', 'external'), threeMasters, '203.0.113.9'],
    ['external-pair near its balancers, far from the masters', spec('address: 192.0.9.9', 'external-pair'), pair, '192.0.9.9'],
    ['a single master', 'scheme: vip-on-masters', ['m1 11 master'], '192.0.2.11'],
  ])('%s', (_, text, hosts, address) => {
    expect(sampleResult({ spec: text, hosts })).toMatchObject({ kind: 'ok', spec: { endpoint: { address } } });
  });
});

describe('endpointFindings: the port', () => {
  test.each<readonly [string, number, string]>([
    [
      'local-proxy',
      8443,
      '8443 is not possible with local-proxy: the balancer on each node listens on 127.0.0.1:6443; expected 6443, or leave it out',
    ],
    [
      'vip-on-masters',
      8443,
      '8443 is not possible with vip-on-masters without a proxy: the apiservers themselves answer at the address, on 6443; expected 6443; or a balancer with a port of its own, scheme: {kind: vip-on-masters, proxy: haproxy}',
    ],
    [haproxy, 6443, '6443 is taken on the masters: the apiserver listens there; expected another port, such as 8443'],
    [haproxy, 2379, '2379 is taken on the masters: etcd serves its clients there; expected another port, such as 8443'],
    [haproxy, 2380, '2380 is taken on the masters: etcd serves its peers there; expected another port, such as 8443'],
    [haproxy, 10250, '10250 is taken on the masters: the kubelet listens there; expected another port, such as 8443'],
    [haproxy, 10256, '10256 is taken on the masters: kube-proxy answers health checks there; expected another port, such as 8443'],
    [haproxy, 10257, '10257 is taken on the masters: the controller manager listens there; expected another port, such as 8443'],
    [haproxy, 10259, '10259 is taken on the masters: the scheduler listens there; expected another port, such as 8443'],
    [haproxy, 22, '22 is taken: sshd of m1 listens there; expected another port, such as 8443'],
    [
      haproxy,
      30443,
      '30443 is a port that Kubernetes gives to services of type NodePort, 30000–32767; expected another port, such as 8443',
    ],
    ['{kind: external-pair, proxy: nginx}', 22, '22 is taken: sshd of l1 listens there; expected another port, such as 6443'],
  ])('%s on %i is refused', (scheme, port, expected) => {
    const local = scheme === 'local-proxy' ? '127.0.0.1' : '192.0.2.100';
    const hosts = scheme.includes('external-pair') ? pair : threeMasters;
    const column = `controlPlaneEndpoint: {address: ${local}, port: `.length + 3;
    expect(sampleProblems({ spec: spec(`address: ${local}, port: ${port}`, scheme), hosts })).toEqual([
      `c:6:${column} spec.controlPlaneEndpoint.port: ${expected}`,
    ]);
  });

  test.each<readonly [string, number]>([
    ['external', 443],
    ['external', 22],
    ['external-pair', 443],
    [haproxy, 443],
    [haproxy, 16443],
  ])('%s on %i', (scheme, port) => {
    const hosts = scheme === 'external-pair' ? pair : threeMasters;
    expect(sampleResult({ spec: spec(`address: 192.0.2.100, port: ${port}`, scheme), hosts })).toMatchObject({
      kind: 'ok',
      spec: { endpoint: { port } },
    });
  });
});
