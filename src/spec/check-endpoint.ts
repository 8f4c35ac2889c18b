/** The endpoint's address: one that no host has, that can move among the masters, and that lies in no cluster network. */

import type { Draft, DraftHost } from './draft.ts';
import type { Finding, Path } from './finding.ts';
import { contains, isMachineAddress } from './ipv4.ts';

const path: Path = ['spec', 'controlPlaneEndpoint', 'address'];

export function endpointFindings(draft: Draft): readonly Finding[] {
  return [...addressFindings(draft), ...portFindings(draft.endpointPort)];
}

/** The VIP leads to an apiserver itself, not to a balancer that could listen elsewhere. */
function portFindings(port: unknown): readonly Finding[] {
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535 || port === 6443) return [];
  const message = `${port} is not supported with vip-on-masters: the apiservers themselves answer at the address, on 6443`;
  return [{ path: ['spec', 'controlPlaneEndpoint', 'port'], at: 'value', message, expected: '6443' }];
}

function addressFindings(draft: Draft): readonly Finding[] {
  const masters = draft.hosts.filter((host) => host.isMaster);
  const { endpoint } = draft;
  if (endpoint === undefined) {
    if (draft.endpointIsGiven || masters.length < 2) return [];
    return [
      {
        path,
        at: 'value',
        message: 'missing',
        expected: `a free address on the masters' network, which moves among the ${masters.length} masters`,
      },
    ];
  }
  const { text, number } = endpoint.value;
  const finding = (message: string, expected: string): Finding => ({ path, at: 'value', message, expected });
  if (!isMachineAddress(number))
    return [finding(`${text} cannot be a virtual address`, 'an address that is not loopback, link-local, multicast or reserved')];
  const owner = draft.hosts.find((host) => host.address?.value.number === number || host.internalAddress?.value.number === number);
  if (owner !== undefined) return ownedBy(owner, masters, text, finding);
  return [...inClusterNetwork(draft, text, number, finding), ...farFromMasters(masters, text, number, finding)];
}

type MakeFinding = (message: string, expected: string) => Finding;

function ownedBy(owner: DraftHost, masters: readonly DraftHost[], text: string, finding: MakeFinding): readonly Finding[] {
  const free = "a free address on the masters' network, which moves to a living master";
  if (!owner.isMaster) return [finding(`${text} is the address of ${owner.label}, which is no master`, free)];
  if (masters.length === 1) return [];
  return [
    finding(`${text} is the address of ${owner.label}: when that machine is lost, so is the way to all ${masters.length} masters`, free),
  ];
}

function inClusterNetwork(draft: Draft, text: string, number: number, finding: MakeFinding): readonly Finding[] {
  const networks = [
    ['podSubnet', draft.podSubnet],
    ['serviceSubnet', draft.serviceSubnet],
  ] as const;
  return networks.flatMap(([name, subnet]) =>
    subnet !== undefined && contains(subnet.value, number)
      ? [finding(`${text} lies in ${name} ${subnet.value.text}`, "an address on the masters' own network")]
      : [],
  );
}

/**
 * The file does not know the machines' subnets; preflight asks the machines and checks exactly. Known here: a VIP moves by ARP on
 * one network, and networks wider than a /16 are not used for machines, so the first two numbers must be those of every master.
 */
function farFromMasters(masters: readonly DraftHost[], text: string, number: number, finding: MakeFinding): readonly Finding[] {
  const far = masters.filter((host) => {
    const own = host.internalAddress?.value.number;
    return own !== undefined && Math.floor(own / 65536) !== Math.floor(number / 65536);
  });
  if (far.length === 0) return [];
  const names = far.map((host) => `${host.label} (${host.internalAddress?.value.text})`).join(', ');
  return [
    finding(`${text} is on another network than ${names}`, "a free address in the masters' own subnet: the VIP moves among them by ARP"),
  ];
}
