/** The endpoint's address: one that fits the scheme, that no host has, and that lies in no cluster network. */

import { portFindings } from './check-port.ts';
import type { AddressText, Draft, DraftHost, DraftSubnet, Placed } from './draft.ts';
import type { DraftScheme } from './draft-choices.ts';
import type { Finding, Path } from './finding.ts';
import { contains, isMachineAddress } from './ipv4.ts';
import { careAddress, defaultServiceSubnet } from './scheme-options.ts';

const path: Path = ['spec', 'controlPlaneEndpoint', 'address'];
const finding = (message: string, expected: string): Finding => ({ path, at: 'value', message, expected });

export function endpointFindings(draft: Draft): readonly Finding[] {
  const { scheme } = draft;
  return scheme === undefined ? [] : [...addressFindings(draft, scheme), ...portFindings(draft)];
}

function addressFindings(draft: Draft, scheme: DraftScheme): readonly Finding[] {
  const { endpoint } = draft;
  if (endpoint === undefined) return draft.endpointIsGiven ? [] : missing(draft, scheme);
  const { text, number } = endpoint.value;
  if (scheme.kind === 'local-proxy') {
    if (text === '127.0.0.1') return [];
    return [finding(`${text} is not possible with local-proxy: each machine has a balancer of its own`, '127.0.0.1, or leave it out')];
  }
  if (!isMachineAddress(number)) {
    const what = scheme.kind === 'external' ? "a balancer's" : scheme.kind === 'local-care' ? "local-care's" : 'a virtual';
    return [finding(`${text} cannot be ${what} address`, 'an address that is not loopback, link-local, multicast or reserved')];
  }
  const owner = draft.hosts.find((host) => host.address?.value.number === number || host.internalAddress?.value.number === number);
  if (owner !== undefined) return ownedBy(owner, draft, scheme, text);
  return [...inClusterNetwork(draft, scheme, endpoint.value), ...farFrom(movesAmong(draft, scheme), scheme, endpoint.value)];
}

function movesAmong({ hosts }: Draft, { kind }: DraftScheme): readonly DraftHost[] {
  if (kind === 'vip-on-masters') return hosts.filter((host) => host.isMaster);
  return kind === 'external-pair' ? hosts.filter((host) => host.isBalancer) : [];
}

function missing(draft: Draft, scheme: DraftScheme): readonly Finding[] {
  const masters = draft.hosts.filter((host) => host.isMaster).length;
  switch (scheme.kind) {
    case 'local-proxy':
    case 'local-care':
      return [];
    case 'external':
      return [finding('missing', 'the address of your load balancer, which forwards to port 6443 of every master')];
    case 'external-pair':
      return [finding('missing', "a free address on the balancers' network, which moves among the hosts of role lb")];
    case 'vip-on-masters':
      if (masters < 2 && scheme.proxy === 'none') return [];
      return [
        finding('missing', `a free address on the masters' network${masters < 2 ? '' : `, which moves among the ${masters} masters`}`),
      ];
  }
}

function ownedBy(owner: DraftHost, draft: Draft, scheme: DraftScheme, text: string): readonly Finding[] {
  const masters = draft.hosts.filter((host) => host.isMaster).length;
  if (scheme.kind === 'external') {
    const message = `${text} is the address of ${owner.label}, a machine of the cluster itself`;
    return [finding(message, 'the address of a load balancer outside the cluster; the other schemes make one on machines of yours')];
  }
  if (scheme.kind === 'external-pair') {
    return [finding(`${text} is the address of ${owner.label}`, "a free address on the balancers' network, which moves among them")];
  }
  if (scheme.kind === 'local-care') {
    const message = `${text} is the address of ${owner.label}: each node keeps the endpoint's address for itself, and would no longer reach that machine`;
    return [finding(message, `an address that no machine has; ${careAddress} if this is left out`)];
  }
  const free = "a free address on the masters' network, which moves to a living master";
  if (!owner.isMaster) return [finding(`${text} is the address of ${owner.label}, which is no master`, free)];
  if (masters > 1) {
    const message = `${text} is the address of ${owner.label}: when that machine is lost, so is the way to all ${masters} masters`;
    return [finding(message, free)];
  }
  if (scheme.proxy === 'none') return [];
  return [finding(`${text} is the address of ${owner.label}; behind a proxy the endpoint needs an address of its own`, free)];
}

function inClusterNetwork(draft: Draft, { kind }: DraftScheme, { text, number }: AddressText): readonly Finding[] {
  const whose = { 'vip-on-masters': "the masters' own network", 'external-pair': "the balancers' own network", other: 'another network' };
  const networks = [
    ['podSubnet', draft.podSubnet],
    ['serviceSubnet', draft.serviceSubnet],
  ] as const;
  const inside = networks.flatMap(([name, subnet]) =>
    subnet !== undefined && contains(subnet.value, number) ? [[name, subnet] as const] : [],
  );
  if (kind === 'local-care') return inside.map(([name, subnet]) => dropped(draft, name, subnet, text));
  return inside.map(([name, subnet]) =>
    finding(
      `${text} lies in ${name} ${subnet.value.text}`,
      `an address on ${whose[kind === 'vip-on-masters' || kind === 'external-pair' ? kind : 'other']}`,
    ),
  );
}

/** kube-proxy's nftables mode drops what lies in the service range and is no service's. Told of what stands in the file. */
function dropped(draft: Draft, name: 'podSubnet' | 'serviceSubnet', subnet: Placed<DraftSubnet>, text: string): Finding {
  const why = name === 'serviceSubnet' ? ', where kube-proxy drops what is no service of its own' : '';
  if (draft.endpointIsGiven) {
    return finding(
      `${text} lies in ${name} ${subnet.value.text}${why}`,
      `an address outside the cluster's networks, such as ${careAddress}`,
    );
  }
  const message = `${subnet.value.text} contains ${text}, the endpoint's address with local-care${why}`;
  const instead = name === 'serviceSubnet' ? `such as ${defaultServiceSubnet('local-care')}` : 'such as 10.244.0.0/16';
  return { path: subnet.path, at: 'value', message, expected: `a subnet without it, ${instead}, or another controlPlaneEndpoint.address` };
}

/**
 * The file does not know the machines' subnets; preflight asks the machines and checks exactly. Known here: a VIP moves by ARP on
 * one network, and networks wider than a /16 are not used for machines, so the first two numbers must be those of every machine.
 */
function farFrom(hosts: readonly DraftHost[], { kind }: DraftScheme, { text, number }: AddressText): readonly Finding[] {
  const far = hosts.filter((host) => {
    const own = host.internalAddress?.value.number;
    return own !== undefined && Math.floor(own / 65536) !== Math.floor(number / 65536);
  });
  if (far.length === 0) return [];
  const names = far.map((host) => `${host.label} (${host.internalAddress?.value.text})`).join(', ');
  const whose = kind === 'external-pair' ? "balancers'" : "masters'";
  const other = kind === 'vip-on-masters' ? '; or scheme: local-care, whose address is each node’s own' : '';
  return [
    finding(
      `${text} is on another network than ${names}`,
      `a free address in the ${whose} own subnet: the VIP moves among them by ARP${other}`,
    ),
  ];
}
