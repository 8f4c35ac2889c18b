/** Preflight check: the programs a machine needs are there, or the bundle has packages for its release. */

import { type Cluster, nodes } from '../../../model/cluster.ts';
import type { Check } from '../finding.ts';
import type { Surveyed } from '../survey.ts';

export const programs: Check = ({ cluster, machines }) =>
  machines.flatMap((machine) => {
    const missing = missingPrograms(cluster, machine);
    const { os } = machine.identity;
    const releases = new Set(cluster.openBundle?.manifest.files.flatMap((file) => file.package?.release ?? []));
    if (missing.length === 0 || (os.codename !== '' && releases.has(os.codename))) return [];
    const list = [...releases].join(', ') || 'none';
    return [
      {
        severity: 'error' as const,
        host: machine.host.name,
        check: 'programs',
        message:
          cluster.openBundle === undefined
            ? `${missing.join(', ')}: not installed, and the cluster file names no bundle`
            : `${missing.join(', ')}: not installed, and the bundle has no packages for ${os.pretty || 'this system'} (it has: ${list})`,
        remedy:
          cluster.openBundle === undefined
            ? 'name a bundle in the cluster file (bundle:), or install them on the machine'
            : "install them from the distribution's repositories, or make a bundle for this release",
      },
    ];
  });

function missingPrograms(cluster: Cluster, { host, identity }: Surveyed): readonly string[] {
  const scheme = cluster.scheme.packages(cluster, host);
  const ofBundle = cluster.openBundle === undefined ? ['kubelet', 'kubeadm'] : [];
  const runtime = !nodes(cluster).includes(host) ? [] : ['containerd', 'runc', ...ofBundle];
  const needed = [...runtime, ...scheme.flatMap((name) => programOf[name] ?? [])];
  return needed.filter((name) => !identity.programs.has(name));
}

/** The program by which a package is known to be there. */
const programOf: Readonly<Record<string, string>> = {
  keepalived: 'keepalived',
  haproxy: 'haproxy',
  'nginx-light': 'nginx',
  ipvsadm: 'ipvsadm',
};
