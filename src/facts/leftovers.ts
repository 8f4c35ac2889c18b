/** What of the receipt's changes is still on a machine, and Kubernetes' own traces. */

import type { Fact } from '../model/fact.ts';
import { quote } from '../model/quote.ts';
import type { ReceiptEntry } from '../model/receipt.ts';

/** One line for each thing that is still there; empty when all is gone. Files that had an original must be the original. */
export function leftovers(entries: readonly ReceiptEntry[]): Fact<readonly string[]> {
  return {
    name: 'leftovers',
    argv: ['sh', '-c', leftoversScript(entries)],
    parse: ({ stdout }) => stdout.split('\n').filter((line) => line !== ''),
  };
}

function leftoversScript(entries: readonly ReceiptEntry[]): string {
  return [...kubernetesTraces, ...entries.flatMap(checkOf)].join('\n');
}

const kubernetesTraces = [
  'for p in /etc/kubernetes/pki /etc/kubernetes/manifests /etc/kubernetes/admin.conf /var/lib/etcd/member /var/lib/kubelet/config.yaml /sys/class/net/cni0 /etc/cni/net.d/10-trivet.conflist; do [ -e "$p" ] && echo "$p"; done',
  'grep -q " /var/lib/kubelet/pods" /proc/mounts && echo "mounts below /var/lib/kubelet/pods"',
  'for p in /proc/[0-9]*/comm; do read -r c < "$p" && case $c in kubelet|kube-apiserver|kube-proxy|kube-scheduler|kube-controller|etcd|containerd-shim*) echo "process $c";; esac; done 2>/dev/null',
];

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
    case 'command':
      return [];
  }
}
