/** What a machine's kernel can do for Kubernetes: modules built in, loaded or loadable, control groups, settable sysctls. */

import type { Fact } from '../../model/fact.ts';
import { lines, readSections, sections } from './sections.ts';

export const kernelFeatures = ['overlay', 'br_netfilter', 'nf_tables', 'ip_vs'] as const;
export type KernelFeature = (typeof kernelFeatures)[number];

export interface MachineKernel {
  readonly release: string;
  /** absent: nothing says that the kernel has it or could load it. */
  readonly features: Readonly<Record<KernelFeature, 'present' | 'loadable' | 'absent'>>;
  readonly cgroupVersion: 1 | 2;
  readonly memoryCgroup: boolean;
  /** For each sysctl that Kubernetes needs: its value ('' when there is none) and whether it could be set. */
  readonly sysctls: readonly { readonly name: string; readonly value: string; readonly writable: boolean }[];
}

const options: Record<KernelFeature, string> = {
  overlay: 'CONFIG_OVERLAY_FS',
  br_netfilter: 'CONFIG_BRIDGE_NETFILTER',
  nf_tables: 'CONFIG_NF_TABLES',
  ip_vs: 'CONFIG_IP_VS',
};

export const machineKernel: Fact<MachineKernel> = {
  name: 'machine-kernel',
  argv: sections({
    release: 'uname -r',
    filesystems: 'grep -w overlay /proc/filesystems',
    bridge: 'ls -d /proc/sys/net/bridge',
    loaded: `for module in ${kernelFeatures.join(' ')}; do [ -d /sys/module/$module ] && echo $module; done`,
    installed: `cd /lib/modules/$(uname -r) && cat modules.builtin modules.dep | cut -d: -f1 | grep -E '/(${kernelFeatures.join('|')})[.]ko'`,
    // A kernel without modules (a container's, a microVM's) is known by its configuration alone.
    config: `{ zcat /proc/config.gz || cat /boot/config-$(uname -r); } | grep -E '^(${Object.values(options).join('|')})='`,
    filesystem: 'stat -f -c %T /sys/fs/cgroup',
    controllers: 'cat /sys/fs/cgroup/cgroup.controllers',
    cgroups: 'cat /proc/cgroups',
    sysctls: sysctlScript(['net/ipv4/ip_forward', 'net/bridge/bridge-nf-call-iptables']),
  }),
  parse: ({ stdout }) => {
    const section = readSections(stdout);
    const present = new Set(lines(section('loaded')));
    if (section('filesystems') !== '') present.add('overlay');
    if (section('bridge') !== '') present.add('br_netfilter');
    const installed = new Set(lines(section('installed')).map(moduleName));
    const config = new Map(lines(section('config')).map((line) => [line.split('=')[0] ?? '', line.split('=')[1] ?? '']));
    const feature = (name: KernelFeature) => {
      if (present.has(name) || config.get(options[name]) === 'y') return 'present';
      return installed.has(name) ? 'loadable' : 'absent';
    };
    const version = section('filesystem') === 'cgroup2fs' ? 2 : 1;
    return {
      release: section('release'),
      features: {
        overlay: feature('overlay'),
        br_netfilter: feature('br_netfilter'),
        nf_tables: feature('nf_tables'),
        ip_vs: feature('ip_vs'),
      },
      cgroupVersion: version,
      memoryCgroup:
        version === 2 ? section('controllers').split(/\s+/).includes('memory') : /^memory\s+\d+\s+\d+\s+1$/m.test(section('cgroups')),
      sysctls: lines(section('sysctls')).map((line) => {
        const [name = '', writable, value = ''] = line.split(' ');
        return { name, value, writable: writable === 'writable' };
      }),
    };
  },
};

/** kernel/fs/overlayfs/overlay.ko.xz → overlay */
function moduleName(path: string): string {
  return (path.split('/').at(-1) ?? '').replace(/\.ko(\.\w+)?$/, '').replaceAll('-', '_');
}

function sysctlScript(names: readonly string[]): string {
  return `for name in ${names.join(' ')}; do file=/proc/sys/$name; [ -e $file ] || continue
if [ -w $file ]; then may=writable; else may=read-only; fi; echo "$(echo $name | tr / .) $may $(cat $file)"; done`;
}
