/** What of the receipt's changes is still on a machine, and Kubernetes' own traces. */

import type { Fact } from '../model/fact.ts';
import { quote } from '../model/quote.ts';
import type { ReceiptEntry } from '../model/receipt.ts';

/** Whether etcd's traces in /var/lib/etcd, and a running etcd, are the cluster's; else they are an etcd of the user's own. */
export interface LeftoversOptions {
  readonly stackedEtcd: boolean;
}

/** One line for each thing that is still there; empty when all is gone. Files that had an original must be the original. */
export function leftovers(entries: readonly ReceiptEntry[], options: LeftoversOptions): Fact<readonly string[]> {
  return {
    name: 'leftovers',
    argv: ['sh', '-c', leftoversScript(entries, options)],
    parse: ({ stdout }) => stdout.split('\n').filter((line) => line !== ''),
  };
}

function leftoversScript(entries: readonly ReceiptEntry[], { stackedEtcd }: LeftoversOptions): string {
  return [...kubernetesTraces, ...(stackedEtcd ? etcdTraces : []), ...entries.flatMap(checkOf)].join('\n');
}

const kubernetesTraces = [
  'for p in /etc/kubernetes/pki /etc/kubernetes/manifests /etc/kubernetes/admin.conf /var/lib/kubelet/config.yaml /sys/class/net/cni0 /etc/cni/net.d/10-trivet.conflist /run/trivet-balancer /run/trivet-vip /run/trivet-care /var/lib/trivet-care; do [ -e "$p" ] && echo "$p"; done',
  'grep -q " /var/lib/kubelet/pods" /proc/mounts && echo "mounts below /var/lib/kubelet/pods"',
  'for p in /proc/[0-9]*/comm; do read -r c < "$p" && case $c in kubelet|kube-apiserver|kube-proxy|kube-scheduler|kube-controller|containerd-shim*) echo "process $c";; esac; done 2>/dev/null',
  'for u in trivet-api-gate trivet-balancer trivet-care trivet-vip-watch trivet-vrrp-filter; do systemctl -q is-active $u && echo "unit $u runs"; done 2>/dev/null',
  'nft list table inet trivet-vrrp > /dev/null 2>&1 && echo "nftables table trivet-vrrp"',
  'nft list table inet trivet-api-gate > /dev/null 2>&1 && echo "nftables table trivet-api-gate"',
  'nft list tables 2> /dev/null | grep -q " trivet-care" && echo "nftables table trivet-care"',
];

const etcdTraces = [
  '[ -e /var/lib/etcd/member ] && echo /var/lib/etcd/member',
  'for p in /proc/[0-9]*/comm; do read -r c < "$p" && [ "$c" = etcd ] && echo "process etcd"; done 2>/dev/null',
];

/** Where a disk is mounted there, the directory stays, empty. */
const etcdDataThere = '[ -e /var/lib/trivet-etcd ] && { ! mountpoint -q /var/lib/trivet-etcd || ls -A /var/lib/trivet-etcd | grep -q .; }';

/** What commands have made beyond files of the receipt, by the step's id: a shell condition that holds while it is there. */
const madeByCommands: ReadonlyMap<string, { readonly what: string; readonly stillThere: string }> = new Map([
  ['etcd-authority/user', { what: 'user trivet-etcd', stillThere: 'getent passwd trivet-etcd > /dev/null' }],
  ['etcd-authority/make', { what: '/etc/trivet/pki', stillThere: '[ -e /etc/trivet/pki ]' }],
  ['etcd-certificates/issue', { what: '/etc/trivet/pki', stillThere: '[ -e /etc/trivet/pki ]' }],
  ['etcd-members/data', { what: '/var/lib/trivet-etcd', stillThere: etcdDataThere }],
]);

/** The machine's own directory is taken away last, by the step that forgets the receipt. */
function checkOf(entry: ReceiptEntry): readonly string[] {
  switch (entry.kind) {
    case 'file':
    case 'upload':
    case 'link':
      if (entry.path.startsWith('/var/lib/trivet/') || entry.path.startsWith('/opt/trivet/')) return [];
      if (entry.original !== undefined)
        return [
          `{ [ -e ${quote([entry.original])} ] || [ -L ${quote([entry.original])} ]; } && echo ${quote([`${entry.path}: the original is not back`])}`,
        ];
      return [`{ [ -e ${quote([entry.path])} ] || [ -L ${quote([entry.path])} ]; } && echo ${quote([entry.path])}`];
    case 'block':
      return [
        `grep -qs ${quote([`BEGIN trivet ${entry.name}`])} ${quote([entry.path])} && echo ${quote([`trivet's block in ${entry.path}`])}`,
      ];
    case 'packages':
      return [
        `for n in ${quote(entry.names)}; do case $(dpkg-query -W -f '\${db:Status-Status}' "$n" 2>/dev/null) in installed|unpacked|half-*) echo "package $n";; esac; done`,
      ];
    case 'service':
      return [];
    case 'command': {
      const made = madeByCommands.get(entry.step);
      return made === undefined ? [] : [`${made.stillThere} && echo ${quote([made.what])}`];
    }
  }
}
