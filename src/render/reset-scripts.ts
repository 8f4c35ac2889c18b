/** The scripts that reset runs on a machine. They go on after an error: the proof afterwards decides. */

import { quote } from '../model/quote.ts';
import type { ReceiptEntry } from '../model/receipt.ts';
import { careConfigPath, careProgram } from './care-config.ts';
import { etcdDataDirectory, etcdPki, etcdUser } from './etcd-paths.ts';

export interface StopInput {
  /** containerd came with trivet, so all that it holds goes too. */
  readonly ownContainerd: boolean;
  /** /var/lib/etcd is the cluster's; else it is of an etcd that trivet does not know. */
  readonly stackedEtcd: boolean;
  /** The address that trivet care keeps on each node; undefined: the file names another scheme. */
  readonly careEndpoint: { readonly address: string; readonly port: number } | undefined;
}

/** Ends Kubernetes on the machine. */
export function stopScript({ ownContainerd, stackedEtcd, careEndpoint }: StopInput): string {
  return `
systemctl stop keepalived trivet-vip-watch 2>/dev/null
systemctl stop trivet-balancer trivet-vrrp-filter 2>/dev/null
rm -rf /run/trivet-balancer /run/trivet-vip
systemctl stop kubelet 2>/dev/null
# The whole cluster goes: removing members from etcd one by one would only lose its quorum half-way.
if command -v kubeadm > /dev/null; then
  kubeadm reset -f --cri-socket unix:///run/containerd/containerd.sock --skip-phases=remove-etcd-member
fi
systemctl stop trivet-pod-routes 2>/dev/null
if command -v ctr > /dev/null; then
  for t in $(ctr -n k8s.io tasks ls -q 2>/dev/null); do ctr -n k8s.io tasks kill -s SIGKILL "$t"; ctr -n k8s.io tasks rm -f "$t"; done
  for c in $(ctr -n k8s.io containers ls -q 2>/dev/null); do ctr -n k8s.io containers rm "$c"; done
  if [ ${ownContainerd ? 1 : 0} = 0 ]; then ctr -n k8s.io images rm $(ctr -n k8s.io images ls -q); fi
fi
${careCleanup(careEndpoint)}${ownContainerd ? 'systemctl stop containerd 2>/dev/null\n' : ''}${endPods}
grep -o ' /var/lib/kubelet/[^ ]*' /proc/mounts | sort -r | while read -r m; do umount -l "$m"; done
grep -o ' /run/containerd/[^ ]*' /proc/mounts | sort -r | while read -r m; do umount -l "$m"; done
grep -o ' /run/netns/cni-[^ ]*' /proc/mounts | sort -ru | while read -r m; do umount -l "$m"; rm -f "$m"; done
if command -v ip > /dev/null; then
  ip link delete cni0 2>/dev/null
  ip route flush proto 201 2>/dev/null
fi
if command -v nft > /dev/null; then
  for t in 'ip kube-proxy' 'ip6 kube-proxy' 'ip trivet-pods' 'inet trivet-vrrp' 'ip trivet-lvs' 'ip mangle' 'ip6 mangle'; do case $t in *mangle) nft list table $t 2>/dev/null | grep -q KUBE- && nft delete table $t ;; *) nft delete table $t 2>/dev/null ;; esac; done
fi
rm -rf /etc/kubernetes /var/lib/cni /var/log/pods /var/log/containers /root/.kube/cache
find ${stackedEtcd ? '/var/lib/etcd ' : ''}/var/lib/kubelet -mindepth 1 -delete 2>/dev/null
${ownContainerd ? 'find /var/lib/containerd -mindepth 1 -delete 2>/dev/null; rm -rf /run/containerd\n' : ''}
true
`;
}

/** A pod that was being started when kubelet ended is in none of the lists above: its containers end with their slice, its shim by its namespace. */
const endPods = `systemctl kill -s KILL kubepods.slice 2>/dev/null
systemctl stop kubepods.slice 2>/dev/null
for p in /proc/[0-9]*; do
  cat "$p/cmdline" 2>/dev/null | tr '\\0' ' ' | grep -q '^[^ ]*containerd-shim[^ ]* .*-namespace k8s.io ' && kill -KILL "\${p#/proc/}"
done`;

/**
 * After kubeadm, which asks the cluster by the endpoint: as long as the daemon is there, it is refused at once. What the daemon has
 * put into the kernel outlives it, and is taken away by its own word; or by what is known of it, where the program is gone.
 */
function careCleanup(endpoint: StopInput['careEndpoint']): string {
  return `systemctl stop trivet-care 2>/dev/null
if [ -e ${careConfigPath} ] && [ -x ${careProgram} ]; then ${careProgram} care --config ${careConfigPath} --clean; fi
if command -v nft > /dev/null; then
  nft list tables 2>/dev/null | while read -r _ f t; do case $t in trivet-care*) nft delete table "$f" "$t" ;; esac; done
fi
${endpoint === undefined ? '' : withoutItsWord(endpoint)}rm -rf /run/trivet-care /var/lib/trivet-care
`;
}

function withoutItsWord({ address, port }: NonNullable<StopInput['careEndpoint']>): string {
  return `if command -v ipvsadm > /dev/null; then ipvsadm -D -t ${address}:${port} 2>/dev/null; fi
if command -v ip > /dev/null; then
  ip route flush ${address}/32 proto 116 2>/dev/null
  ip address delete ${address}/32 dev lo 2>/dev/null
fi
`;
}

/** Undoes the receipt, newest first. */
export function restoreScript(entries: readonly ReceiptEntry[]): string {
  return `${[...entries].reverse().flatMap(undo).join('\n')}
systemctl daemon-reload
${restarts(entries)}rm -rf /var/lib/trivet/restart /var/lib/trivet/uploads /run/trivet/join.yaml /run/trivet/join-checked /run/trivet/kubelet-again /usr/local/lib/trivet /etc/trivet
rmdir /etc/systemd/system/kubelet.service.d /etc/systemd/system/keepalived.service.d /etc/containerd /etc/cni/net.d /etc/cni /opt/cni/bin /opt/cni /var/lib/etcd /var/lib/kubelet 2>/dev/null
true`;
}

/** Of commands that made more than the files of the receipt, by the step's id. */
const undoneCommands: ReadonlyMap<string, string> = new Map([
  ['etcd-members/data', `rm -rf ${etcdDataDirectory}`],
  ['etcd-certificates/issue', `rm -rf ${etcdPki}`],
  ['etcd-authority/make', `rm -rf ${etcdPki}`],
  ['etcd-authority/user', `getent passwd ${etcdUser} > /dev/null && userdel ${etcdUser}`],
]);

function undo(entry: ReceiptEntry): readonly string[] {
  switch (entry.kind) {
    case 'file':
    case 'upload':
    case 'link':
      // What reset still needs, and the receipt itself, go last.
      if (entry.path.startsWith('/var/lib/trivet/')) return [];
      return entry.original === undefined ? [`rm -f ${quote([entry.path])}`] : [bringBack(entry.original, entry.path)];
    case 'block':
      return [`sed -i ${quote([`/^# BEGIN trivet ${entry.name}$/,/^# END trivet ${entry.name}$/d`])} ${quote([entry.path])}`];
    case 'service':
      return [
        `systemctl ${entry.wasEnabled ? 'enable' : 'disable'} ${quote([entry.unit])} 2>/dev/null`,
        ...(entry.wasActive ? [] : [`systemctl stop ${quote([entry.unit])} 2>/dev/null`]),
      ];
    case 'packages':
      return [`DEBIAN_FRONTEND=noninteractive dpkg --purge ${quote(entry.names)}`];
    case 'command': {
      const script = undoneCommands.get(entry.step);
      return script === undefined ? [] : [script];
    }
  }
}

/** -T and a removed destination: a link to a directory is replaced, and not copied into. */
function bringBack(original: string, path: string): string {
  const [from, to] = [quote([original]), quote([path])];
  return `{ [ -e ${from} ] || [ -L ${from} ]; } && rm -f ${to} && cp -aT ${from} ${to} && rm -f ${from}`;
}

/** What ran before trivet runs again, with its own configuration: these come after all files are back. */
function restarts(entries: readonly ReceiptEntry[]): string {
  const units = entries.flatMap((entry) => (entry.kind === 'service' && entry.wasActive ? [entry.unit] : []));
  return [...new Set(units)].map((unit) => `systemctl restart ${quote([unit])}\n`).join('');
}
