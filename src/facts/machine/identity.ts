/** Who a machine is: its operating system, its names and ids, and which of the programs that Kubernetes needs it has. */

import type { Fact } from '../../model/fact.ts';
import { lines, readSections, sections } from './sections.ts';

export interface MachineIdentity {
  readonly hostname: string;
  /** '' where there is none. */
  readonly machineId: string;
  /** Of the firmware; '' where there is none. In a container it is the host's. */
  readonly productUuid: string;
  readonly insideContainer: boolean;
  /** /etc/os-release: debian, 13, trixie and `Debian GNU/Linux 13 (trixie)`. */
  readonly os: { readonly id: string; readonly version: string; readonly codename: string; readonly pretty: string };
  /** As bundles name it; undefined for what Kubernetes is not built for here. */
  readonly architecture: 'amd64' | 'arm64' | undefined;
  readonly kernelMachine: string;
  /** Name of process 1. */
  readonly init: string;
  /** Those of containerd, keepalived, … that are on the PATH; nginx-stream is nginx's module for TCP. */
  readonly programs: ReadonlySet<string>;
}

const programs = [
  ...['containerd', 'runc', 'kubelet', 'kubeadm', 'kubectl', 'etcd', 'etcdctl', 'ip', 'conntrack', 'iptables'],
  ...['keepalived', 'haproxy', 'nginx', 'ipvsadm', 'nft', 'curl', 'socat'],
];

export const machineIdentity: Fact<MachineIdentity> = {
  name: 'machine-identity',
  argv: sections({
    hostname: 'cat /proc/sys/kernel/hostname',
    'machine-id': 'cat /etc/machine-id',
    'product-uuid': 'cat /sys/class/dmi/id/product_uuid',
    container: 'cat /run/systemd/container; test -e /.dockerenv && echo docker',
    'os-release': 'cat /etc/os-release',
    machine: 'uname -m',
    init: 'cat /proc/1/comm',
    programs: `PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"; for program in ${programs.join(' ')}; do command -v $program > /dev/null && echo $program; done; [ -e /usr/lib/nginx/modules/ngx_stream_module.so ] && echo nginx-stream`,
  }),
  parse: ({ stdout }) => {
    const section = readSections(stdout);
    const release = osRelease(section('os-release'));
    return {
      hostname: section('hostname'),
      machineId: section('machine-id'),
      productUuid: section('product-uuid').toLowerCase(),
      insideContainer: section('container') !== '',
      os: {
        id: release.get('ID') ?? '',
        version: release.get('VERSION_ID') ?? '',
        codename: release.get('VERSION_CODENAME') ?? '',
        pretty: release.get('PRETTY_NAME') ?? '',
      },
      architecture: { x86_64: 'amd64' as const, aarch64: 'arm64' as const, arm64: 'arm64' as const }[section('machine')],
      kernelMachine: section('machine'),
      init: section('init'),
      programs: new Set(lines(section('programs'))),
    };
  },
};

function osRelease(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of lines(text)) {
    const [, key, value] = /^([A-Z_0-9]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, value.replace(/^(["'])(.*)\1$/, '$2'));
  }
  return values;
}
