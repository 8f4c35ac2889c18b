/** Preflight check: the kernel has what containers and Kubernetes' networking need, control groups included. */

import type { KernelFeature, MachineKernel } from '../../../facts/machine/kernel.ts';
import type { Cluster } from '../../../model/cluster.ts';
import type { Host } from '../../../model/host.ts';
import type { Check, Finding } from '../finding.ts';
import { unlessIgnored } from '../finding.ts';
import { isNode } from '../survey.ts';

export const kernel: Check = ({ cluster, machines }) =>
  machines.flatMap((machine) =>
    machine.kernel === undefined
      ? []
      : [
          ...features(machine.kernel, neededFeatures(cluster, machine.host)),
          ...(isNode(machine.host) ? controlGroups(cluster, machine.kernel) : []),
        ].map((finding) => ({
          ...finding,
          host: machine.host.name,
        })),
  );

/** What a scheme needs of the kernel is told by its packages. */
function neededFeatures(cluster: Cluster, host: Host): readonly KernelFeature[] {
  const packages = cluster.scheme.packages(cluster, host);
  return [
    ...(isNode(host) ? (['overlay', 'br_netfilter'] as const) : []),
    ...(isNode(host) || packages.includes('nftables') ? (['nf_tables'] as const) : []),
    ...(packages.includes('ipvsadm') ? (['ip_vs'] as const) : []),
  ];
}

function features({ features, release }: MachineKernel, needed: readonly KernelFeature[]): readonly Finding[] {
  return needed
    .filter((name) => features[name] === 'absent')
    .map((name) => ({
      severity: 'error',
      check: 'kernel-modules',
      message: `kernel ${release} has no ${name}: not built in, not loaded, not in /lib/modules/${release}`,
      remedy:
        name === 'ip_vs'
          ? 'boot a kernel with IPVS (Debian’s linux-image-amd64 has the module ip_vs; containers have their host’s kernel), or choose proxy: haproxy'
          : `modprobe ${name} as root says why; a kernel that was upgraded since the boot needs a reboot, a cloud kernel its extra modules`,
    }));
}

function controlGroups(cluster: Cluster, { cgroupVersion, memoryCgroup }: MachineKernel): readonly Finding[] {
  const findings: Finding[] = [];
  if (!memoryCgroup) {
    findings.push({
      severity: unlessIgnored(cluster, 'SystemVerification'),
      check: 'memory-cgroup',
      message: 'the memory control group is off',
      remedy: 'boot the kernel with cgroup_enable=memory (Raspberry Pi: in /boot/firmware/cmdline.txt)',
    });
  }
  if (cgroupVersion === 1) {
    findings.push({
      severity: 'warning',
      check: 'cgroup-v1',
      message: 'control groups are version 1, which kubelet 1.35 and later refuse unless told otherwise',
      remedy: 'boot with systemd.unified_cgroup_hierarchy=1 before upgrading to 1.35',
    });
  }
  return findings;
}
