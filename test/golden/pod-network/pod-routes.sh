#!/bin/sh
# Written by trivet. Routes to the pods of the other machines, by the list in /etc/trivet/pod-routes.
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
done < /etc/trivet/pod-routes
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
