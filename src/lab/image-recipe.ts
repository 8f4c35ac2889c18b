/** What a machine's root file system is made of: the least by which it can be reached. */

import { createHash } from 'node:crypto';

export const releases = ['trixie', 'bookworm'] as const;
export type Release = (typeof releases)[number];

export interface ImageRecipe {
  readonly release: Release;
  /** Names of Debian packages, or absolute paths of .deb files, on top of the minimal machine. */
  readonly packages: readonly string[];
}

export const minimalPackages = ['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'sudo'] as const;

/** Units that make no sense in a machine of a lab, cost time, or would show it the box's own kernel. */
export const maskedUnits = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'fstrim.timer',
  'getty@tty1.service',
  'console-getty.service',
  'systemd-networkd.service',
  'systemd-networkd-wait-online.service',
  'systemd-resolved.service',
  'systemd-timesyncd.service',
  'systemd-pstore.service',
  'modprobe@efi_pstore.service',
  'sshd-keygen.service',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'sys-kernel-config.mount',
  'sys-fs-fuse-connections.mount',
] as const;

export const preparationUnit = 'trivet-lab-prepare.service';

/**
 * nspawn mounts the cgroup tree read-only on cgroup v1, leaves / private where kubelet wants it shared,
 * and hides /sys/module, where programs look for what the kernel can do.
 */
const preparation = `[Unit]
Description=Make this container look like a machine
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=oneshot
ExecStart=/bin/sh /usr/local/lib/trivet-lab-prepare

[Install]
WantedBy=sysinit.target
`;

const preparationScript = `mount -o remount,rw /sys/fs/cgroup
for controller in /sys/fs/cgroup/*/; do
  mount -o remount,rw "$controller" 2> /dev/null || mount -o remount,bind,rw "$controller"
done
if [ ! -e /sys/module ]; then
  mkdir /run/sysfs
  mount -o remount,rw /sys
  mkdir /sys/module
  mount -t sysfs -o ro,nosuid,nodev,noexec sysfs /run/sysfs
  mount --bind /run/sysfs/module /sys/module
  umount /run/sysfs
  mount -o remount,ro /sys
fi
mount --make-rshared /
exit 0
`;

/** Files of every image, by path. */
export const imageFiles: Readonly<Record<string, string>> = {
  [`etc/systemd/system/${preparationUnit}`]: preparation,
  'usr/local/lib/trivet-lab-prepare': preparationScript,
  'etc/ssh/sshd_config.d/10-lab.conf': 'HostKey /etc/ssh/ssh_host_ed25519_key\nUseDNS no\n',
  // A name server that refuses at once: CoreDNS does not start without one.
  'etc/resolv.conf': 'nameserver 192.0.2.1\n',
  // sshd reads the first; Debian 13's systemd makes it a link to the second.
  'etc/default/locale': 'LANG=C.UTF-8\n',
  'etc/locale.conf': 'LANG=C.UTF-8\n',
  // The kernel's log is the box's, with the words of every machine in it.
  'etc/systemd/journald.conf.d/10-lab.conf': '[Journal]\nReadKMsg=no\n',
};

/** Files that would make machines twins, or that tell about the box on which the image was made. */
export const removedPaths = [
  'etc/machine-id',
  'var/lib/dbus/machine-id',
  'etc/hostname',
  'etc/ssh/ssh_host_*',
  'var/lib/apt/lists/*',
  'var/cache/apt/*',
];

/** Directory name of the image in the cache: another recipe is another image. */
export function imageName(recipe: ImageRecipe): string {
  const all = [minimalPackages, maskedUnits, imageFiles, removedPaths, [...recipe.packages].sort()];
  const digest = createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 12);
  return `${recipe.release}-${recipe.packages.length === 0 ? 'minimal' : 'prepared'}-${digest}`;
}
