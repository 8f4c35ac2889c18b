/** Preflight check: the programs a machine needs are there, or the bundle has packages for its release. */

import { type Cluster, nodes } from '../../../model/cluster.ts';
import type { Check, Finding } from '../finding.ts';
import type { Surveyed } from '../survey.ts';

export const programs: Check = ({ cluster, machines }) =>
  machines.flatMap((machine) => {
    const finding = cluster.openBundle === undefined ? withoutBundle(cluster, machine) : withBundle(cluster, machine);
    return finding === undefined ? [] : [{ severity: 'error', host: machine.host.name, check: 'programs', ...finding }];
  });

type Found = Pick<Finding, 'message' | 'remedy'> | undefined;

function withoutBundle(cluster: Cluster, machine: Surveyed): Found {
  const runtime = nodes(cluster).includes(machine.host) ? ['containerd', 'runc', 'kubelet', 'kubeadm'] : [];
  const packages = missingPackages(cluster, machine);
  const missing = [...runtime.filter((name) => !machine.identity.programs.has(name)), ...packages];
  if (missing.length === 0) return undefined;
  return {
    message: `${missing.join(', ')}: not installed, and the cluster file names no bundle`,
    remedy: `name a bundle in the cluster file (bundle:), or install ${packages.length > 0 ? `what is missing (apt-get install ${packages.join(' ')})` : 'them'} on the machine`,
  };
}

function withBundle(cluster: Cluster, machine: Surveyed): Found {
  const { os, programs: found } = machine.identity;
  const runtime = nodes(cluster).includes(machine.host) ? ['containerd', 'runc'].filter((name) => !found.has(name)) : [];
  const packages = missingPackages(cluster, machine);
  const bundled = (cluster.openBundle?.manifest.files ?? []).flatMap((file) => file.package ?? []);
  const releases = [...new Set(bundled.map(({ release }) => release))];
  if (runtime.length + packages.length === 0) return undefined;
  if (!releases.includes(os.codename)) {
    return {
      message: `${[...runtime, ...packages].join(', ')}: not installed, and the bundle has no packages for ${os.pretty || 'this system'} (it has: ${releases.join(', ') || 'none'})`,
      remedy: "install them from the distribution's repositories, or make a bundle for this release",
    };
  }
  const lacking = packages.filter((name) => !bundled.some((one) => one.name === name && one.release === os.codename));
  if (lacking.length === 0) return undefined;
  return {
    message: `${lacking.join(', ')}: not installed, and not in the bundle`,
    remedy: `make the bundle anew (trivet bundle create --from modules), or install what is missing: apt-get install ${lacking.join(' ')}`,
  };
}

/** Of the scheme's packages those whose program is not there. */
function missingPackages(cluster: Cluster, { host, identity }: Surveyed): readonly string[] {
  return cluster.scheme.packages(cluster, host).filter((name) => {
    const program = programOf[name];
    return program !== undefined && !identity.programs.has(program);
  });
}

/** The program by which a package is known to be there. */
const programOf: Readonly<Record<string, string>> = {
  keepalived: 'keepalived',
  haproxy: 'haproxy',
  'nginx-light': 'nginx',
  'libnginx-mod-stream': 'nginx-stream',
  ipvsadm: 'ipvsadm',
  nftables: 'nft',
  curl: 'curl',
  socat: 'socat',
};
