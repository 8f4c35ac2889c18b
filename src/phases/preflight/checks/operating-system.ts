/** Preflight check: an operating system that trivet was tried on, systemd, and the architecture of the bundle. */

import type { Check, Finding } from '../finding.ts';
import type { Surveyed } from '../survey.ts';

const tested: Readonly<Record<string, readonly string[]>> = { debian: ['12', '13'], ubuntu: ['22.04', '24.04'] };

export const operatingSystem: Check = ({ cluster, machines }) =>
  machines.flatMap((machine) => [
    ...system(machine),
    ...init(machine),
    ...architecture(machine, cluster.openBundle?.manifest.architecture),
  ]);

function system({ host, identity: { os } }: Surveyed): readonly Finding[] {
  if (tested[os.id]?.includes(os.version)) return [];
  const name = os.pretty || `${os.id} ${os.version}`.trim() || 'an unknown operating system';
  return [
    {
      severity: 'warning',
      host: host.name,
      check: 'operating-system',
      message: `${name}: trivet was not tested on it`,
      remedy: 'Debian 12 and 13, Ubuntu 22.04 and 24.04 are what it is made for',
    },
  ];
}

function init({ host, identity }: Surveyed): readonly Finding[] {
  if (identity.init === 'systemd') return [];
  return [
    {
      severity: 'error',
      host: host.name,
      check: 'systemd',
      message: `process 1 is ${identity.init || 'unknown'}, not systemd`,
      remedy: 'boot the machine with systemd: it runs containerd, the kubelet and keepalived',
    },
  ];
}

function architecture({ host, identity }: Surveyed, wanted: 'amd64' | 'arm64' | undefined): readonly Finding[] {
  if (identity.architecture !== undefined && (wanted === undefined || identity.architecture === wanted)) return [];
  return [
    {
      severity: 'error',
      host: host.name,
      check: 'architecture',
      message: `the machine is ${identity.kernelMachine || 'of an unknown architecture'}${wanted === undefined ? '' : `, the bundle is for ${wanted}`}`,
      remedy: 'use a bundle made for this architecture (amd64 or arm64), the same on all machines',
    },
  ];
}
