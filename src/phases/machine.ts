/** Phase: names on every machine; kernel modules and sysctls where containers run or packets are forwarded. */

import { schemeNotePath } from '../facts/machine/endpoint-as-built.ts';
import { nodes } from '../model/cluster.ts';
import type { Phase } from '../model/phase.ts';
import type { Step } from '../model/step.ts';

export const machine: Phase = {
  name: 'machine',
  summary: 'names, kernel modules and sysctls',
  usualSeconds: 2,
  order: 'parallel',
  hosts: (cluster) => cluster.hosts,
  plan: async ({ cluster, host }) => {
    const step = (id: string, title: string, action: Step['action']): Step => ({ id: `machine/${id}`, host: host.name, title, action });
    const hosts = cluster.hosts.map((other) => `${other.internalAddress} ${other.name}`);
    const names = [
      step('cluster', 'note which cluster this machine belongs to', {
        kind: 'file',
        path: '/var/lib/trivet/cluster',
        content: `${cluster.name}\n`,
        mode: 0o644,
        owner: 'root:root',
      }),
      // Another one is refused from then on: preflight's check scheme-change.
      step('scheme', 'note by which scheme it is set up', {
        kind: 'file',
        path: schemeNotePath,
        content: `${cluster.scheme.variant}\n`,
        mode: 0o644,
        owner: 'root:root',
      }),
      step('hosts', `name the endpoint and the machines in /etc/hosts`, {
        kind: 'block',
        path: '/etc/hosts',
        name: 'cluster',
        content: `${cluster.endpoint.address} ${cluster.endpoint.domain}\n${hosts.join('\n')}\n`,
      }),
    ];
    const isNode = nodes(cluster).includes(host);
    // LVS hands on packets that are not its machine's own.
    const sysctls = isNode ? ofNodes : cluster.scheme.packages(cluster, host).includes('ipvsadm') ? [forwarding] : [];
    const modules = [
      step('modules-file', 'load the kernel modules at boot', {
        kind: 'file',
        path: '/etc/modules-load.d/trivet.conf',
        content: '# Written by trivet.\noverlay\nbr_netfilter\n',
        mode: 0o644,
        owner: 'root:root',
      }),
      step('modules', 'load the kernel modules overlay and br_netfilter', {
        kind: 'command',
        argv: ['sh', '-c', 'grep -qw overlay /proc/filesystems || modprobe overlay; test -d /proc/sys/net/bridge || modprobe br_netfilter'],
        check: ['sh', '-c', 'grep -qw overlay /proc/filesystems && test -d /proc/sys/net/bridge'],
        timeoutSeconds: 30,
        hint: 'the kernel has no such module: install the distribution kernel package that carries overlay and br_netfilter',
      }),
    ];
    const settings = [
      step('sysctl-file', 'keep the sysctls over reboots', {
        kind: 'file',
        path: '/etc/sysctl.d/90-trivet.conf',
        content: `# Written by trivet.\n${sysctls.map(([key, value]) => `${key} = ${value}\n`).join('')}`,
        mode: 0o644,
        owner: 'root:root',
      }),
      step('sysctl', 'set the sysctls', {
        kind: 'command',
        argv: ['sh', '-ec', sysctls.map(([key, value]) => `echo ${value} > ${procPath(key)}`).join('\n')],
        check: ['sh', '-c', sysctls.map(([key, value]) => `test "$(cat ${procPath(key)})" = ${value}`).join(' && ')],
        timeoutSeconds: 30,
        hint: 'the machine does not let root set them: is it a container with a read-only /proc/sys/net?',
      }),
    ];
    return [...names, ...(isNode ? modules : []), ...(sysctls.length > 0 ? settings : [])];
  },
};

const forwarding = ['net.ipv4.ip_forward', '1'] as const;

const ofNodes = [forwarding, ['net.bridge.bridge-nf-call-iptables', '1'], ['net.bridge.bridge-nf-call-ip6tables', '1']] as const;

function procPath(key: string): string {
  return `/proc/sys/${key.replaceAll('.', '/')}`;
}
