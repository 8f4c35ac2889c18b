/** The packet filter's rules of a network fault: a table of their own, before everything else, on the devices that lead outside. */

import { type Cluster, masters } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';

/** Lets neighbour discovery through. */
export const neighbourRule = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert } accept';

/** Of `inet`, and of `arp` and `netdev` where a VIP must not be answered for. */
export const drillTable = 'trivet-drill';

export interface NetworkRules {
  /** Lines for packets that come in, and for those that go out. */
  readonly in: readonly string[];
  readonly out: readonly string[];
  /** The operator's SSH passes. */
  readonly spareSsh: boolean;
  /** Neighbour discovery passes: without it there is no IPv6 at all. */
  readonly spareNeighbours: boolean;
  /** ARP is another family; undefined: it passes. */
  readonly arp: { readonly in: string | undefined; readonly out: string | undefined } | undefined;
}

export type PacketFault =
  | 'machine-power-off'
  | 'machine-isolated'
  | 'machine-deaf'
  | 'machine-mute'
  | 'master-cut-off'
  | 'packet-loss'
  | 'multicast-blocked';

/** Of a hundred packets, in each direction. */
const lostOfHundred = 20;

export function networkRules(fault: PacketFault, victim: Host, cluster: Cluster): NetworkRules {
  const drop = ['drop'];
  const plain = { in: [], out: [], spareSsh: true, spareNeighbours: false, arp: undefined };
  // A cut cable answers nobody who asks where the VIP is.
  const asked = vipOnWire(cluster, victim) ? `arp daddr ip ${cluster.endpoint.address} drop` : undefined;
  const said = vipOnWire(cluster, victim) ? `arp saddr ip ${cluster.endpoint.address} drop` : undefined;
  switch (fault) {
    case 'machine-power-off':
      return { ...plain, in: drop, out: drop, spareSsh: false, arp: { in: 'drop', out: 'drop' } };
    case 'machine-isolated':
      return { ...plain, in: drop, out: drop, arp: { in: asked, out: said } };
    case 'machine-deaf':
      return { ...plain, in: drop, arp: { in: asked, out: undefined } };
    case 'machine-mute':
      return { ...plain, out: drop, arp: { in: undefined, out: said } };
    case 'master-cut-off':
      return { ...plain, ...cutOff(victim, cluster) };
    case 'packet-loss': {
      const lost = [`numgen random mod 100 < ${lostOfHundred} drop`];
      return { ...plain, in: lost, out: lost };
    }
    case 'multicast-blocked': {
      const to = ['ip daddr 224.0.0.0/4 drop', 'ip6 daddr ff00::/8 drop'];
      return { ...plain, in: to, out: to, spareNeighbours: true };
    }
  }
}

/** A VIP that another master holds now leads there: what leaves this machine for it is meant for that master. */
function cutOff(victim: Host, cluster: Cluster): Pick<NetworkRules, 'in' | 'out'> {
  const others = masters(cluster).filter((host) => host !== victim);
  const onMasters = cluster.scheme.vipHosts(cluster).some((host) => host.roles.includes('master'));
  const addresses = [...others.flatMap((host) => [host.internalAddress, host.address]), ...(onMasters ? [cluster.endpoint.address] : [])];
  const sets = [4, 6].flatMap((version) => {
    const of = [...new Set(addresses.filter((address) => address.includes(':') === (version === 6)))];
    return of.length === 0 ? [] : [{ family: version === 6 ? 'ip6' : 'ip', set: `{ ${of.join(', ')} }` }];
  });
  // Adverts to 224.0.0.18 are meant for the other masters alone.
  const adverts = cluster.schemeOptions.kind === 'vip-on-masters' && cluster.schemeOptions.multicast ? ['ip daddr 224.0.0.18 drop'] : [];
  return {
    in: sets.map(({ family, set }) => `${family} saddr ${set} drop`),
    out: [...sets.map(({ family, set }) => `${family} daddr ${set} drop`), ...adverts],
  };
}

/** A node's own address of the same name never shows on the wire. */
function vipOnWire(cluster: Cluster, victim: Host): boolean {
  return cluster.scheme.vipHosts(cluster).includes(victim) && !cluster.endpoint.address.includes(':');
}

/**
 * What keepalived says of the VIP goes out by a packet socket, which no other hook sees: a machine that was cut off and became the VIP's
 * second holder would tell so all clients. undefined: nothing of the sort is kept back. A kernel without this hook (before 5.16) takes
 * none of it. For nft -f; `$devices` is filled in on the machine.
 */
export function egressText({ arp }: NetworkRules): string | undefined {
  if (arp?.out === undefined) return undefined;
  const rule = arp.out === 'drop' ? 'ether type arp drop' : arp.out;
  return [
    `table netdev ${drillTable}`,
    `delete table netdev ${drillTable}`,
    `table netdev ${drillTable} {`,
    `  chain out { type filter hook egress devices = { $devices } priority -500; policy accept; ${rule}; }`,
    '}',
  ].join('\n');
}

/** For nft -f; `$devices`, `$family`, `$from`, `$port` and `$neighbours` are filled in on the machine. */
export function rulesText({ in: inward, out: outward, spareSsh, spareNeighbours, arp }: NetworkRules): string {
  const chain = (name: string, hook: string, device: string, ssh: string, lines: readonly string[]) =>
    [
      `  chain ${name} {`,
      `    type filter hook ${hook} priority -500; policy accept;`,
      `    ${device} != { $devices } accept`,
      ...(spareSsh ? [`    ${ssh} accept`, '    $neighbours'] : []),
      ...(spareNeighbours ? [`    ${neighbourRule}`] : []),
      ...lines.map((line) => `    ${line}`),
      '  }',
    ].join('\n');
  const table = (family: string, body: readonly string[]) =>
    [
      `table ${family} ${drillTable}`,
      `delete table ${family} ${drillTable}`,
      ...(body.length === 0 ? [] : [`table ${family} ${drillTable} {`, ...body, '}']),
    ].join('\n');
  const inet = table('inet', [
    chain('in', 'prerouting', 'iifname', '$family saddr $from tcp dport $port', inward),
    chain('out', 'postrouting', 'oifname', '$family daddr $from tcp sport $port', outward),
  ]);
  const arpChain = (name: string, hook: string, rule: string | undefined) =>
    rule === undefined ? [] : [`  chain ${name} { type filter hook ${hook} priority -500; policy accept; ${rule}; }`];
  const arpBody = arp === undefined ? [] : [...arpChain('in', 'input', arp.in), ...arpChain('out', 'output', arp.out)];
  return arpBody.length === 0 ? inet : `${inet}\n${table('arp', arpBody)}`;
}
