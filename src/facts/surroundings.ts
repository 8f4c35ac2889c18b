/** What kind of machine Kubernetes runs on: decides a few settings that a user should not have to know. */

import type { Fact } from '../model/fact.ts';

export interface MachineSurroundings {
  readonly cgroupV1: boolean;
  readonly insideContainer: boolean;
  readonly appArmor: boolean;
}

export const surroundings: Fact<MachineSurroundings> = {
  name: 'surroundings',
  argv: [
    'sh',
    '-c',
    'stat -f -c %T /sys/fs/cgroup; systemd-detect-virt --container || true; cat /sys/module/apparmor/parameters/enabled 2>/dev/null || echo N',
  ],
  parse: ({ stdout }) => {
    const [filesystem, virtualization, appArmor] = stdout.split('\n');
    return { cgroupV1: filesystem !== 'cgroup2fs', insideContainer: virtualization !== 'none', appArmor: appArmor === 'Y' };
  },
};
