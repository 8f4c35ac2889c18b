/** The built-in pod network for flat networks: a bridge per machine, and a route to every other machine's pods. */

export interface PodRoute {
  readonly podCidr: string;
  readonly via: string;
}

/** /etc/cni/net.d/10-trivet.conflist */
export function cniConfig(podCidr: string): string {
  const config = {
    cniVersion: '1.0.0',
    name: 'trivet',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        // Masquerading is the route program's: it must leave traffic between pods of different machines alone.
        ipMasq: false,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: podCidr }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** What the route program reads: `self` and `cluster` ranges, then a line for each other machine. */
export function podRoutes(podSubnet: string, own: string, others: readonly PodRoute[]): string {
  return `# Written by trivet.\ncluster ${podSubnet}\nself ${own}\n${others.map(({ podCidr, via }) => `route ${podCidr} via ${via}\n`).join('')}`;
}

/** Brings the kernel's routes to what the file says; routes that it set earlier and that are gone from the file go. */
export function podRoutesProgram(routesFile: string): string {
  return `#!/bin/sh
# Written by trivet. Routes to the pods of the other machines, by the list in ${routesFile}.
set -eu
own=201 # the protocol number that marks our routes; no routing daemon has it
case $1 in
  down)
    ip route flush proto $own
    nft delete table ip trivet-pods 2>/dev/null || true
    exit 0 ;;
esac
wanted=
while read -r kind cidr _ via; do
  case $kind in
    cluster) cluster=$cidr ;;
    self) self=$cidr ;;
    route) ip route replace "$cidr" via "$via" proto $own; wanted="$wanted $cidr " ;;
  esac
done < ${routesFile}
ip -o route show proto $own | while read -r cidr _; do
  case $wanted in *" $cidr "*) ;; *) ip route del "$cidr" proto $own ;; esac
done
# Pods keep their address towards pods; towards everything else they take the machine's.
nft -f - <<NFT
table ip trivet-pods
delete table ip trivet-pods
table ip trivet-pods {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr $self ip daddr != $cluster masquerade
  }
}
NFT
`;
}
