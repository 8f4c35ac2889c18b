/** How systemd-nspawn is started: a real systemd that cannot touch the box's clock, swap, modules or settings. */

export interface NspawnInput {
  readonly id: string;
  readonly hostName: string;
  readonly root: string;
  /** Path of the machine's network namespace. */
  readonly namespacePath: string;
  readonly binds: readonly { readonly source: string; readonly path: string }[];
  readonly initArguments: readonly string[];
}

/** Kubernetes needs these beyond nspawn's own list; the second list is taken away again, and answers EPERM. */
const allowedCalls = 'add_key keyctl bpf @privileged @mount';
const deniedCalls = '~@swap @module @raw-io kexec_load kexec_file_load acct';

/** The clock is the box's own, and so are its kernel modules. */
const droppedCapabilities = 'CAP_SYS_TIME,CAP_SYS_MODULE';

/** «network»: of /proc/sys and /sys only what belongs to the machine's own network namespace is writable. */
export const nspawnEnvironment = {
  SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
  // A killed nspawn would leave its lock file behind; the lab has a lock of its own.
  SYSTEMD_NSPAWN_LOCK: '0',
} as const;

export function nspawnArguments(input: NspawnInput): readonly string[] {
  return [
    'systemd-nspawn',
    '--quiet',
    `--directory=${input.root}`,
    `--machine=${input.id}`,
    `--hostname=${input.hostName}`,
    '--register=no',
    '--keep-unit',
    '--boot',
    '--console=read-only',
    `--network-namespace-path=${input.namespacePath}`,
    '--resolv-conf=off',
    '--timezone=off',
    '--link-journal=no',
    '--capability=all',
    `--drop-capability=${droppedCapabilities}`,
    `--system-call-filter=${allowedCalls}`,
    `--system-call-filter=${deniedCalls}`,
    // kubelet reads the kernel's log for out-of-memory kills, and does not start without it.
    '--bind=/dev/kmsg',
    ...input.binds.map(({ source, path }) => `--bind=${source}:${path}`),
    ...input.initArguments,
  ];
}
