/** A machine's own IPv4 addresses, the subnets of its interfaces, and its hardware addresses, from /proc and /sys alone. */

import type { Fact } from '../../model/fact.ts';
import { lines, readSections, sections } from './sections.ts';
import { formatIpv4, type Subnet, subnetContains } from './subnet.ts';

export interface MachineNetwork {
  /** Names of all interfaces but lo; empty when the machine does not tell. */
  readonly interfaces: readonly string[];
  /** Every address that the machine answers for, loopback's left out; an address that keepalived holds is among them. */
  readonly addresses: readonly string[];
  readonly subnets: readonly (Subnet & { readonly interface: string })[];
  /** Interface → MAC address; only interfaces that stand for hardware (no bridges, veth pairs or tunnels). */
  readonly macs: ReadonlyMap<string, string>;
}

const argv = sections({
  interfaces: 'ls /sys/class/net',
  trie: 'cat /proc/net/fib_trie',
  routes: 'cat /proc/net/route',
  // addr_assign_type 0 is a permanent address; virtual machines and the ends of veth pairs may say 1 or 3.
  macs: `cd /sys/class/net && for name in *; do [ -d $name/bridge ] || echo "$name $(cat $name/type) $(cat $name/address) $(cat $name/addr_assign_type)"; done`,
});

export const machineNetwork: Fact<MachineNetwork> = {
  name: 'machine-network',
  argv,
  parse: ({ stdout }) => parseNetwork(stdout),
};

/** Where on the machine an address belongs: the interface, and the prefix length, of the subnet that contains it. */
export function interfaceFor(address: string): Fact<{ readonly interface: string; readonly prefixLength: number } | undefined> {
  return { name: `interface-for ${address}`, argv, parse: ({ stdout }) => subnetOf(parseNetwork(stdout), address) };
}

/** The narrowest subnet of the machine's interfaces that contains the address. */
export function subnetOf(
  network: MachineNetwork,
  address: string,
): { readonly interface: string; readonly prefixLength: number } | undefined {
  const [narrowest] = network.subnets.filter((subnet) => subnetContains(subnet, address)).sort((a, b) => b.prefixLength - a.prefixLength);
  return narrowest && { interface: narrowest.interface, prefixLength: narrowest.prefixLength };
}

function parseNetwork(stdout: string): MachineNetwork {
  const section = readSections(stdout);
  return {
    interfaces: lines(section('interfaces')).filter((name) => name !== 'lo' && name !== 'bonding_masters'),
    addresses: localAddresses(section('trie')),
    subnets: lines(section('routes'))
      .slice(1)
      .flatMap((line) => connectedSubnet(line)),
    macs: new Map(
      lines(section('macs')).flatMap((line) => {
        const [name = '', type, mac = '', assigned] = line.split(' ');
        const hardware = type === '1' && mac !== '00:00:00:00:00:00' && !/^(veth|cali|cni|flannel|docker|lxc|kube-|ifb|tun|tap)/.test(name);
        return hardware && assigned !== undefined ? [[name, mac] as const] : [];
      }),
    ),
  };
}

/** In fib_trie an address of this machine is a line `|-- 192.0.2.11` followed by `/32 host LOCAL`. */
function localAddresses(trie: string): readonly string[] {
  const found = new Set<string>();
  let last = '';
  for (const line of lines(trie)) {
    last = /^\|-- ([\d.]+)$/.exec(line)?.[1] ?? last;
    if (line === '/32 host LOCAL' && !last.startsWith('127.')) found.add(last);
  }
  return [...found];
}

/** A route without gateway is a subnet that the interface is in; the default route and routes to one address are none. */
function connectedSubnet(line: string): readonly (Subnet & { readonly interface: string })[] {
  const fields = line.split(/\s+/);
  const [name = '', destination = '', gateway = '', flags = ''] = fields;
  const prefixLength = [...littleEndian(fields[7] ?? '').toString(2)].filter((bit) => bit === '1').length;
  // Flag 1 is up, 0x200 a reject route.
  const usable = (Number.parseInt(flags, 16) & 0x201) === 1;
  if (name === 'lo' || gateway !== '00000000' || !usable || prefixLength === 0 || prefixLength === 32) return [];
  return [{ interface: name, network: formatIpv4(littleEndian(destination)), prefixLength }];
}

function littleEndian(hex: string): number {
  return [6, 4, 2, 0].reduce((value, at) => value * 256 + (Number.parseInt(hex.slice(at, at + 2), 16) || 0), 0);
}
