/** How user-mode-linux is started: a kernel of the machine's own, its root a directory of the box, its network a tap in the lab's switch. */

export interface UmlInput {
  readonly hostName: string;
  readonly address: string;
  readonly gateway: string;
  readonly netmask: string;
  readonly hardwareAddress: string;
  /** Name of the tap, in the network namespace in which the program is started. */
  readonly tap: string;
  /** Path of the machine's root, as the program sees it. */
  readonly root: string;
}

/** Enough for systemd, a balancer and a keepalived; the box gives only what is touched. */
const memory = '512M';

/** The environment: directories in memory for what is the machine's memory, and for its control socket; it crashes without a HOME. */
export const umlEnvironment = { TMPDIR: '/dev/shm', HOME: '/dev/shm' } as const;

/** `program`: path of the kernel. Its output is the machine's console. */
export function umlArguments(program: string, input: UmlInput): readonly string[] {
  return [
    program,
    `mem=${memory}`,
    // Its other way of running user space, ptrace, crashes on CPUs with AMX.
    'seccomp=auto',
    'root=/dev/root',
    'rootfstype=hostfs',
    `rootflags=${input.root}`,
    'rw',
    'init=/lib/systemd/systemd',
    // A machine that panics is off.
    'panic=-1',
    'con=null',
    'con0=null,fd:1',
    `vec0:transport=tap,ifname=${input.tap},mac=${input.hardwareAddress}`,
    `ip=${input.address}::${input.gateway}:${input.netmask}:${input.hostName}:vec0:off`,
  ];
}
