/** The systemd unit of trivet care: before kubelet, in a cage with what its data plane needs and nothing else. */

export type CareUnitBackend = 'auto' | 'nft' | 'ipvs' | 'proxy';

export interface CareUnitInput {
  /** auto is given what nft and ipvs need. */
  readonly backend: CareUnitBackend;
  /** After `trivet care`. */
  readonly arguments: readonly string[];
  /** Absolute. Default /usr/local/bin/trivet. */
  readonly program?: string;
  /** Directories besides its own two in which it writes: that of a track_file. */
  readonly writes?: readonly string[];
}

/**
 * As few as the data plane can do with; root without these is nobody. NET_ADMIN: routes, addresses, nftables, IPVS, conntrack, ss -K.
 * NET_BIND_SERVICE: only the proxy listens, perhaps below port 1024. Clients of the address inside pod namespaces are cut at their next
 * packet, by conntrack; to end idle ones too, care must enter those namespaces: SYS_ADMIN and SYS_PTRACE, which is root after all.
 * Pods of a cluster do not use this address but their service's, so that is left to who needs it, and the unit says how.
 */
export const careCapabilities: Readonly<Record<CareUnitBackend, readonly string[]>> = {
  auto: ['NET_ADMIN', 'NET_BIND_SERVICE'],
  nft: ['NET_ADMIN'],
  ipvs: ['NET_ADMIN'],
  proxy: ['NET_ADMIN', 'NET_BIND_SERVICE'],
};

/** MiB; a few backends take about 60. Many more, and traffic through the proxy, must find room before the kernel steps in. */
export const careMemory = { high: 192, most: 256 };

/** 1.4 MB of 62, measured. Not where bytes go through it: each read would cost a call for its memory. */
const givesBack = `# What is no longer needed goes back to the kernel at once.
Environment=MALLOC_MMAP_THRESHOLD_=32768 MALLOC_TRIM_THRESHOLD_=16384 MALLOC_TOP_PAD_=4096
`;

const modules = ['ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_lc', 'ip_vs_wlc', 'ip_vs_sh', 'ip_vs_dh', 'nf_conntrack'];

export function careUnit({ backend, arguments: words, program = '/usr/local/bin/trivet', writes = [] }: CareUnitInput): string {
  const command = [program, 'care', ...words].map(unitWord).join(' ');
  // By systemd itself, outside the cage: the daemon may not load modules. Without them it says so.
  const load = backend === 'ipvs' ? `ExecStartPre=-+/sbin/modprobe -a ${modules.join(' ')}\n` : '';
  return `# Written by trivet.
[Unit]
Description=trivet care: keeps a virtual address pointing at healthy backends
Wants=network-online.target
After=network-online.target
Before=kubelet.service keepalived.service
StartLimitIntervalSec=0

[Service]
Type=exec
${load}ExecStart=${command}
# One heap and one helper thread: it waits for the network, and hardly ever for a file.
Environment=MALLOC_ARENA_MAX=1 UV_THREADPOOL_SIZE=1
${backend === 'nft' || backend === 'ipvs' ? givesBack : ''}Restart=always
RestartSec=200ms
TimeoutStopSec=10s
# It tells systemd through systemd-notify that it gets on with its work.
WatchdogSec=30s
NotifyAccess=all
MemoryHigh=${careMemory.high}M
MemoryMax=${careMemory.most}M
TasksMax=128
LimitNOFILE=65536
# A late look is a false alarm.
Nice=-10
OOMScoreAdjust=-900
UMask=0077
StateDirectory=trivet-care
StateDirectoryMode=0700
RuntimeDirectory=trivet-care
RuntimeDirectoryMode=0700
${writes.length === 0 ? '' : `ReadWritePaths=${writes.map((path) => unitWord(`-${path}`)).join(' ')}\n`}CapabilityBoundingSet=${careCapabilities[backend].map((name) => `CAP_${name}`).join(' ')}
${backend === 'proxy' ? '' : podNamespaceWords}NoNewPrivileges=yes
# Not ProtectKernelTunables: some of net.ipv4 is its own to set.
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`;
}

const podNamespaceWords = `# Clients inside pod namespaces are cut at their next packet. To end idle ones too, a drop-in with these two lines:
# CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_PTRACE
# RestrictNamespaces=net
`;

/** One argument of a command in a unit: specifiers and variables are taken literally. */
function unitWord(word: string): string {
  const literal = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  if (/^[\w@%+=:,./$?&[\]-]+$/.test(literal)) return literal;
  return `"${literal.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}
