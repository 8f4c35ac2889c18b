/** Whether some machine on the same network answers for an address. */

import type { Fact } from '../../model/fact.ts';

export interface LinkAnswer {
  /** MAC address of who answers. */
  readonly mac: string;
  /** Those of the known addresses for which the same MAC address answers: the machine that it is. */
  readonly sameAs: readonly string[];
}

/** The ioctl SIOCDARP with a struct arpreq: address, hardware address, flags, netmask, device (the one of the route). */
const forget = `use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 0) or die; ioctl($s, 0x8953, pack("S n a4 x8 x16 i x16 x16", AF_INET, 0, inet_aton($ARGV[0]), 0)) or die $!`;

/**
 * Who answers for `address`, or undefined when nobody does within 0.6 s, or the asking machine holds it itself. A datagram to
 * the discard port makes the kernel ask by ARP; the answer is read from its table. That table remembers for a minute and more who held an
 * address before, so that the address is forgotten first; a machine with neither ip(8) nor perl cannot: `known` are addresses of machines that
 * may have held it, asked for at the same time.
 */
export function answersOnLink(address: string, known: readonly string[]): Fact<LinkAnswer | undefined> {
  const script = `PATH="$PATH:/usr/sbin:/sbin"
{ command -v ip && ip -4 neigh flush to "$1" || perl -e '${forget}' "$1"; } > /dev/null 2>&1
for ip; do echo > /dev/udp/$ip/9; done 2> /dev/null
for try in 1 2 3 4 5 6; do
  sleep 0.1
  while read -r ip type flags mac rest; do
    [ "$ip" = "$1" ] && [ "$flags" = 0x2 ] && [ "$mac" != 00:00:00:00:00:00 ] && sleep 0.1 && cat /proc/net/arp && exit
  done < /proc/net/arp
done`;
  return {
    name: `answers-on-link ${[address, ...known].join(' ')}`,
    argv: ['bash', '-c', script, 'trivet', address, ...known],
    parse: ({ stdout }) => {
      const macs = new Map(
        stdout.split('\n').flatMap((line) => {
          const [ip = '', , flags, mac = ''] = line.split(/\s+/);
          return flags === '0x2' && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) ? [[ip, mac] as const] : [];
        }),
      );
      const mac = macs.get(address);
      return mac === undefined ? undefined : { mac, sameAs: known.filter((other) => macs.get(other) === mac) };
    },
  };
}
