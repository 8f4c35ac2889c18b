/** Phase: the Debian packages of the bundle that a machine lacks, installed without a network. */

import { installedPackages, unsyncedPackages } from '../facts/installed-packages.ts';
import type { BundledPackage, BundleFile } from '../model/bundle.ts';
import { nodes } from '../model/cluster.ts';
import type { Phase } from '../model/phase.ts';
import type { Step } from '../model/step.ts';

/** What trivet itself calls on every machine; the schemes add their own. */
const everyMachine = ['dbus', 'iproute2', 'kmod', 'mount', 'util-linux', 'curl', 'nftables'];

/** What Kubernetes and containerd call besides. */
const everyNode = [
  ...everyMachine,
  ...['containerd', 'runc', 'containernetworking-plugins'],
  ...['conntrack', 'ethtool', 'iptables', 'socat'],
];

const archive = '/var/lib/trivet/packages.tar';

export const packages: Phase = {
  name: 'packages',
  summary: 'install the packages that are missing',
  usualSeconds: 25,
  order: 'parallel',
  hosts: (cluster) => cluster.hosts,
  plan: async ({ cluster, host, read }) => {
    const bundle = cluster.openBundle;
    if (bundle === undefined) return [];
    const installed = await read(host, installedPackages);
    const packed = bundle.packageArchives.find((candidate) => candidate.release === installed.release);
    const wanted = [...(nodes(cluster).includes(host) ? everyNode : everyMachine), ...cluster.scheme.packages(cluster, host)];
    const missing = wantedPackages(bundle.manifest.files, installed.release, wanted).filter(
      (file) => !installed.versions.has(file.package.name),
    );
    const clean: Step = {
      id: 'packages/clean',
      host: host.name,
      title: 'remove the uploaded packages',
      action: { kind: 'remove', path: archive },
    };
    // Also then: a run that was killed after the installation left the archive behind.
    if (packed === undefined || missing.length === 0) return [clean];
    const names = missing.map((file) => file.package.name);
    return [
      {
        id: 'packages/upload',
        host: host.name,
        title: `upload ${missing.length} packages`,
        action: { kind: 'upload', source: packed.path, path: archive, sha256: packed.sha256, bytes: packed.bytes, mode: 0o600 },
      },
      {
        id: 'packages/install',
        host: host.name,
        title: `install ${missing.length} packages`,
        action: {
          kind: 'command',
          argv: ['sh', '-ec', installScript, 'install', ...missing.map(fileName)],
          check: [
            'sh',
            '-c',
            `test ! -e ${unsyncedPackages} && dpkg-query -W -f '\${db:Status-Status}\\n' "$@" 2> /dev/null | grep -cx installed | grep -qx ${names.length}`,
            'check',
            ...names,
          ],
          installs: names,
          timeoutSeconds: 900,
          hint: 'a package of the machine may be half installed: dpkg --audit; dpkg --configure -a',
        },
      },
      clean,
    ];
  },
};

/**
 * policy-rc.d keeps the maintainer scripts from starting anything: trivet starts what it has configured.
 * Unpack all, then configure all: dpkg sorts the order by itself and needs no lists of a mirror.
 */
const installScript = `
d=$(mktemp -d /var/tmp/trivet-packages.XXXXXX); trap 'rm -rf "$d"; [ -e /usr/sbin/policy-rc.d.trivet ] && rm -f /usr/sbin/policy-rc.d /usr/sbin/policy-rc.d.trivet; true' EXIT; trap 'exit 143' HUP INT TERM
tar -xf ${archive} -C "$d" "$@"; cd "$d"
if [ ! -e /usr/sbin/policy-rc.d ]; then
  printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; : > /usr/sbin/policy-rc.d.trivet
fi
export DEBIAN_FRONTEND=noninteractive
# Without a sync for every file: one at the end is quicker. Until then the list says what a power
# loss may have emptied, and the next run installs it again.
for deb; do echo "\${deb%%_*}"; done > ${unsyncedPackages}; sync ${unsyncedPackages}
unpack='dpkg --force-confdef --force-confold --force-unsafe-io --unpack'
configure='dpkg --force-confdef --force-confold --force-unsafe-io --configure -a'
# A package whose pre-dependencies were only unpacked is refused the first time and taken the second.
$unpack "$@" || { $configure; $unpack "$@"; }
$configure
# Debian enables these: after the next boot they would take ports, or an address, by the configuration of their packages.
for deb; do case $deb in haproxy_*|nginx_*|keepalived_*) systemctl disable "\${deb%%_*}.service" ;; esac; done
sync
rm -f ${unsyncedPackages}
`;

function fileName(file: BundleFile): string {
  return file.path.slice(file.path.lastIndexOf('/') + 1);
}

type PackageFile = BundleFile & { readonly package: BundledPackage };

/** The packages of one release that are named, and those of the bundle that these need. */
export function wantedPackages(files: readonly BundleFile[], release: string, names: readonly string[]): readonly PackageFile[] {
  const known = new Map(
    files.flatMap((file) => (file.package?.release === release ? [[file.package.name, { ...file, package: file.package }] as const] : [])),
  );
  const wanted = new Map<string, PackageFile>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const file = known.get(name);
    if (file === undefined || wanted.has(name)) continue;
    wanted.set(name, file);
    open.push(...file.package.needs);
  }
  return [...wanted.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}
