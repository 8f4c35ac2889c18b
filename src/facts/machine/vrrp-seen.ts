/** The VRRP adverts that a machine hears: whose, and with which ids. */

import type { Fact } from '../../model/fact.ts';

export interface VrrpAdvert {
  readonly source: string;
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly version: number;
}

// IP protocol 112, group 224.0.0.18 (RFC 5798); 35 is IP_ADD_MEMBERSHIP. 1.5 s hold one advert of the usual second.
const perl = `use Socket;
my ($own, $seconds) = @ARGV;
socket(my $s, AF_INET, SOCK_RAW, 112) or die "socket: $!";
setsockopt($s, 0, 35, inet_aton("224.0.0.18") . inet_aton($own)) or warn "join: $!";
my ($left, %seen) = ($seconds);
while ($left > 0) {
  vec(my $in = "", fileno($s), 1) = 1;
  (my $found, $left) = select($in, undef, undef, $left);
  last if $found < 1;
  recv($s, my $packet, 2048, 0);
  my $header = 4 * (ord($packet) & 15);
  next if length($packet) < $header + 4;
  my ($kind, $id, $priority) = unpack("CCC", substr($packet, $header));
  $seen{join(" ", inet_ntoa(substr($packet, 12, 4)), $id, $priority, $kind >> 4)} = 1 if ($kind & 15) == 1;
}
print "listened\\n", map { "$_\\n" } sort keys %seen;`;

const python = `import socket, struct, sys, time
own, end = sys.argv[1], time.time() + float(sys.argv[2])
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
try: s.setsockopt(0, 35, socket.inet_aton("224.0.0.18") + socket.inet_aton(own))
except OSError as e: sys.stderr.write("join: %s\\n" % e)
seen = set()
while time.time() < end:
    s.settimeout(max(0.01, end - time.time()))
    try: packet = bytearray(s.recv(2048))
    except socket.timeout: break
    h = 4 * (packet[0] & 15)
    if len(packet) >= h + 4 and packet[h] & 15 == 1:
        seen.add("%s %d %d %d" % (socket.inet_ntoa(bytes(packet[12:16])), packet[h + 1], packet[h + 2], packet[h] >> 4))
print("\\n".join(["listened"] + sorted(seen)))`;

const script = `perl=$1 python=$2; shift 2
if command -v perl > /dev/null; then exec perl -e "$perl" "$@"; fi
for program in python3 /usr/libexec/platform-python; do command -v $program > /dev/null && exec $program -c "$python" "$@"; done
exit 127`;

/**
 * Listens for 1.5 s on the interface that has `ownAddress` (multicast and what is sent to this machine alone).
 * undefined when the machine cannot listen: neither perl nor python3, or no raw sockets.
 */
export function vrrpSeen(ownAddress: string): Fact<readonly VrrpAdvert[] | undefined> {
  return {
    name: `vrrp-seen ${ownAddress}`,
    argv: ['sh', '-c', script, 'trivet', perl, python, ownAddress, '1.5'],
    parse: ({ stdout }) => {
      const [first, ...rest] = stdout.split('\n');
      if (first !== 'listened') return undefined;
      return rest.flatMap((line) => {
        const [source, id, priority, version] = line.split(' ');
        if (source === undefined || version === undefined) return [];
        return [{ source, virtualRouterId: Number(id), priority: Number(priority), version: Number(version) }];
      });
    },
  };
}
