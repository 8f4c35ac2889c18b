/**
 * What a machine's own kernel can do: the least that boots systemd, balances by IPVS as a user's kernel does, and shows
 * faults. Debian's ready-made user-mode-linux has IP_VS, but neither nf_tables for IP nor any NAT, and IPVS in NAT mode needs both.
 */

import { createHash } from 'node:crypto';

/** Debian's archive in which a kernel's source is looked for: user-mode-linux runs on CPUs with AMX since Linux 6.16. */
export const sourceSuite = 'trixie-backports';

export const buildPackages = ['gcc', 'make', 'flex', 'bison', 'bc', 'libc6-dev', 'xz-utils', 'kmod'] as const;

/** Always there. */
const builtIn = [
  // a machine with systemd and containers
  ...['64BIT', 'MMU', 'MULTIUSER', 'EXPERT', 'BINFMT_ELF', 'BINFMT_SCRIPT', 'PRINTK', 'BUG', 'FUTEX', 'EPOLL', 'SIGNALFD', 'TIMERFD'],
  ...['EVENTFD', 'SHMEM', 'AIO', 'ADVISE_SYSCALLS', 'MEMBARRIER', 'KALLSYMS', 'POSIX_TIMERS', 'POSIX_MQUEUE', 'SYSVIPC', 'FHANDLE'],
  ...['HIGH_RES_TIMERS', 'NO_HZ_IDLE', 'BPF_SYSCALL', 'SECCOMP', 'SECCOMP_FILTER', 'MODULES', 'MODULE_UNLOAD', 'BLOCK', 'BLK_DEV'],
  ...['CGROUPS', 'CGROUP_SCHED', 'FAIR_GROUP_SCHED', 'CFS_BANDWIDTH', 'CGROUP_PIDS', 'CGROUP_FREEZER', 'CGROUP_DEVICE', 'CGROUP_BPF'],
  ...['MEMCG', 'BLK_CGROUP', 'NAMESPACES', 'UTS_NS', 'TIME_NS', 'IPC_NS', 'USER_NS', 'PID_NS', 'NET_NS', 'HW_RANDOM', 'UML_RANDOM'],
  ...['PROC_FS', 'SYSCTL', 'PROC_CHILDREN', 'SYSFS', 'TMPFS', 'TMPFS_POSIX_ACL', 'TMPFS_XATTR', 'DEVTMPFS', 'DEVTMPFS_MOUNT'],
  ...['FILE_LOCKING', 'INOTIFY_USER', 'FANOTIFY', 'AUTOFS_FS', 'OVERLAY_FS', 'HOSTFS', 'TTY', 'UNIX98_PTYS', 'STDERR_CONSOLE'],
  ...['NULL_CHAN', 'CC_OPTIMIZE_FOR_PERFORMANCE'],
  // network; IP_PNP: the image has no program that could set an address
  ...['NET', 'UNIX', 'PACKET', 'INET', 'IP_MULTICAST', 'IP_ADVANCED_ROUTER', 'IP_MULTIPLE_TABLES', 'IP_PNP', 'INET_DIAG'],
  ...['INET_TCP_DIAG', 'UNIX_DIAG', 'INET_DIAG_DESTROY', 'IPV6', 'NETDEVICES', 'NET_CORE', 'UML_NET_VECTOR', 'VETH', 'BRIDGE'],
  // packet filter
  ...['NETFILTER', 'NETFILTER_ADVANCED', 'BRIDGE_NETFILTER', 'NETFILTER_NETLINK', 'NF_CONNTRACK', 'NF_CONNTRACK_MARK'],
  ...['NF_CONNTRACK_PROCFS', 'NF_CONNTRACK_EVENTS', 'NF_CT_NETLINK', 'NF_NAT', 'NF_TABLES', 'NF_TABLES_INET', 'NF_TABLES_IPV4'],
  ...[
    'NF_TABLES_IPV6',
    'NF_TABLES_ARP',
    'NF_TABLES_NETDEV',
    'NFT_NUMGEN',
    'NFT_CT',
    'NFT_CONNLIMIT',
    'NFT_LOG',
    'NFT_LIMIT',
    'NFT_MASQ',
    'NFT_REDIR',
  ],
  ...['NFT_NAT', 'NFT_QUOTA', 'NFT_REJECT', 'NFT_COMPAT', 'NFT_HASH', 'NFT_FIB_INET', 'NFT_FIB_IPV4', 'NFT_FIB_IPV6'],
  ...['NETFILTER_XTABLES', 'NETFILTER_XT_MARK', 'NETFILTER_XT_CONNMARK', 'NETFILTER_XT_SET', 'NETFILTER_XT_NAT'],
  ...['NETFILTER_XT_TARGET_MASQUERADE', 'NETFILTER_XT_TARGET_REDIRECT', 'NETFILTER_XT_MATCH_ADDRTYPE', 'NETFILTER_XT_MATCH_COMMENT'],
  ...['NETFILTER_XT_MATCH_CONNTRACK', 'NETFILTER_XT_MATCH_LIMIT', 'NETFILTER_XT_MATCH_MULTIPORT', 'NETFILTER_XT_MATCH_STATISTIC'],
  ...['IP_SET', 'IP_SET_HASH_IP', 'IP_SET_HASH_IPPORT', 'IP_SET_HASH_IPPORTIP', 'IP_SET_HASH_IPPORTNET', 'IP_SET_HASH_NET'],
  ...['IP_SET_BITMAP_PORT', 'IP_NF_IPTABLES', 'IP_NF_TARGET_REJECT', 'IP6_NF_IPTABLES', 'IP6_NF_TARGET_REJECT'],
  // delay, loss, bandwidth
  ...['NET_SCHED', 'NET_SCH_NETEM', 'NET_SCH_TBF', 'NET_SCH_HTB', 'NET_SCH_INGRESS', 'NET_CLS', 'NET_CLS_U32', 'NET_CLS_ACT'],
  ...['IP_VS_IPV6', 'IP_VS_PROTO_TCP', 'IP_VS_PROTO_UDP', 'IP_VS_NFCT'],
] as const;

/** To be loaded, as on a user's machine. */
const modules = [
  ...['IP_VS', 'IP_VS_RR', 'IP_VS_WRR', 'IP_VS_LC', 'IP_VS_WLC', 'IP_VS_DH', 'IP_VS_SH', 'IP_VS_MH', 'IP_VS_SED', 'IP_VS_NQ'],
  ...['NETFILTER_XT_MATCH_IPVS', 'DUMMY'],
] as const;

/** Lines of the kernel's configuration; everything else is off. */
export const kernelConfiguration: readonly string[] = [
  ...builtIn.map((name) => `CONFIG_${name}=y`),
  ...modules.map((name) => `CONFIG_${name}=m`),
  'CONFIG_LOCALVERSION="-trivet-lab"',
];

/** Arguments: number of jobs, suite. Runs in the root of the build, with /build for what it makes. */
export const buildScript = `set -eu
jobs=$1 suite=$2
cd /build
mirror=$(awk '$1 == "deb" { print $(NF-2); exit }' /etc/apt/sources.list)
echo "deb $mirror $suite main" > /etc/apt/sources.list.d/source.list
apt-get update -q
apt-get install -y -q --no-install-recommends -t "$suite" linux-source
mkdir source
tar -xf /usr/src/linux-source-*.tar.xz -C source --strip-components=1 \\
  --exclude='*/Documentation/*/*' --exclude='*/drivers/gpu/*.[ch]' --exclude='*/tools/testing/*'
kernel() { make -s -C source O=/build/out ARCH=um "$@"; }
kernel KCONFIG_ALLCONFIG=/build/wanted allnoconfig
while read -r line; do
  grep -qxF -- "$line" out/.config || { echo "this kernel's source does not take $line" >&2; refused=1; }
done < wanted
[ -z "\${refused:-}" ]
kernel -j "$jobs" linux modules
kernel INSTALL_MOD_PATH=/build/kernel/layer/usr INSTALL_MOD_STRIP=1 modules_install
rm -f kernel/layer/usr/lib/modules/*/build
mkdir -p kernel/runtime/dev kernel/runtime/proc kernel/runtime/machine
cp out/linux kernel/runtime/linux
ldd out/linux | grep -o '/[^ ]*' | xargs -I @ cp -L --parents @ kernel/runtime
cp out/.config kernel/config
dpkg-query --show --showformat '\${Package} \${Version}' linux-source > kernel/package
`;

/** Files put over the image of a machine that has its own kernel, by path. */
export const layerFiles: Readonly<Record<string, string>> = {
  'usr/local/lib/trivet-lab-eth0': `# SIOCSIFNAME, by perl: there is no ip(8) before trivet brings it.
socket(my $socket, 2, 2, 0) or die "socket: $!";
my $request = pack('a16 a16', 'vec0', 'eth0');
ioctl($socket, 0x8923, $request) or die "rename: $!";
`,
  'etc/systemd/system/trivet-lab-eth0.service': `[Unit]
Description=Call the network interface eth0, as on the lab's other machines
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=oneshot
ExecStart=/usr/bin/perl /usr/local/lib/trivet-lab-eth0
`,
  'etc/systemd/system/sysinit.target.d/10-lab.conf': '[Unit]\nRequires=trivet-lab-eth0.service\n',
};

/** Directory name of the kernel in the cache: another recipe is another kernel. */
export function kernelName(): string {
  const all = [sourceSuite, buildPackages, kernelConfiguration, buildScript, layerFiles];
  return `kernel-${createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 12)}`;
}
