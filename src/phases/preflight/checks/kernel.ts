/** Preflight check: the kernel has what containers and Kubernetes' networking need, control groups included. */

import { kernelFeatures, type MachineKernel } from '../../../facts/machine/kernel.ts';
import type { Cluster } from '../../../model/cluster.ts';
import type { Check, Finding } from '../finding.ts';
import { unlessIgnored } from '../finding.ts';

export const kernel: Check = ({ cluster, machines }) =>
  machines.flatMap((machine) =>
    machine.kernel === undefined
      ? []
      : [...features(machine.kernel), ...controlGroups(cluster, machine.kernel)].map((finding) => ({
          ...finding,
          host: machine.host.name,
        })),
  );

function features({ features, release }: MachineKernel): readonly Finding[] {
  return kernelFeatures
    .filter((name) => features[name] === 'absent')
    .map((name) => ({
      severity: 'error',
      check: 'kernel-modules',
      message: `kernel ${release} has no ${name}: not built in, not loaded, not in /lib/modules/${release}`,
      remedy: `modprobe ${name} as root says why; a kernel that was upgraded since the boot needs a reboot, a cloud kernel its extra modules`,
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
