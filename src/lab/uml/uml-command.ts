/** The command that becomes a machine with a kernel of its own. */

import { machineDirectories } from '../lab-directories.ts';
import { namespacePath, switchNamespace } from '../lab-names.ts';
import { hardwareAddress, type LabMachine, labNetwork } from '../lab-plan.ts';
import { kernelDirectories } from './kernel.ts';
import { umlArguments } from './uml-arguments.ts';

/**
 * Arguments: options of the machine's disk, the runtime directory, argv. The mounts lie over empty directories of the
 * cache, in a mount namespace of the machine's own, so that they are gone when its last process is.
 */
const mountAndExec = `set -e
mount -t overlay overlay -o "$1" "$2/machine"
mount -t proc proc "$2/proc"
mount -t tmpfs -o mode=755,size=2g tmpfs "$2/dev"
mkdir -m 1777 "$2/dev/shm"
mkdir "$2/dev/net"
mknod -m 666 "$2/dev/null" c 1 3
mknod -m 666 "$2/dev/zero" c 1 5
mknod -m 666 "$2/dev/random" c 1 8
mknod -m 666 "$2/dev/urandom" c 1 9
mknod -m 600 "$2/dev/net/tun" c 10 200
runtime=$2
shift 2
exec chroot "$runtime" "$@"`;

/** argv, to be run by root; the tap must be there. */
export function umlCommand({
  lab,
  machine,
  image,
  kernel,
}: {
  readonly lab: string;
  readonly machine: LabMachine;
  readonly image: string;
  /** Directory of the kernel. */
  readonly kernel: string;
}): readonly string[] {
  const { upper, work } = machineDirectories(lab, machine.name);
  const { runtime, layer } = kernelDirectories(kernel);
  return [
    ...['nsenter', `--net=${namespacePath(switchNamespace(lab))}`, '--'],
    ...['unshare', '--mount', '--propagation', 'slave', '--'],
    ...['/bin/sh', '-c', mountAndExec, 'boot', `lowerdir=${layer}:${image},upperdir=${upper},workdir=${work}`, runtime],
    ...umlArguments('/linux', {
      hostName: machine.name,
      address: machine.address,
      gateway: labNetwork.controller,
      netmask: labNetwork.netmask,
      hardwareAddress: hardwareAddress(machine.address),
      tap: machine.name,
      root: '/machine',
    }),
  ];
}
