/** What a test asks of the machines themselves: why something failed, what is installed, what was left behind. */

import type { Lab } from '../../../src/lab/lab-file.ts';
import { onMachine } from '../on-lab.ts';

const units = ['trivet-balancer', 'trivet-care', 'keepalived', 'trivet-vip-watch', 'trivet-etcd'];

/** The last words of the units that keep the endpoint alive, machine by machine. */
export async function whatTheMachinesSay({ name, machines }: Lab): Promise<string> {
  const said = await Promise.all(
    machines.map(async ({ name: machine }) => {
      const command = `journalctl --no-pager -o short-precise -n 40 ${units.map((unit) => `-u ${unit}`).join(' ')}; systemctl --failed --no-legend; hostname -I`;
      const words = await onMachine(name, machine, command, 20).catch((error: unknown) => ({ stdout: String(error) }));
      return `--- ${machine}\n${words.stdout.trimEnd()}`;
    }),
  );
  return said.join('\n');
}

const programs = ['haproxy', 'nginx', 'keepalived', 'ipvsadm', 'containerd'];

/** Of the packages that bear on the endpoint, wherever they are installed. */
export async function packageVersions({ name, machines }: Lab): Promise<Record<string, string>> {
  const listed = await Promise.all(
    machines.map(({ name: machine }) =>
      onMachine(name, machine, `dpkg-query -W -f '\${Package} \${Version}\\n' ${programs.join(' ')} 2> /dev/null; true`),
    ),
  );
  const lines = listed.flatMap(({ stdout }) => stdout.split('\n')).filter((line) => / \S/.test(line));
  return Object.fromEntries(lines.map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']).toSorted());
}

/** Paths, processes and packages that should be gone after a reset; empty when all are. */
export async function leftOn({ name }: Lab, machine: string): Promise<string> {
  const paths = [
    '/etc/kubernetes /var/lib/trivet /opt/trivet /etc/trivet /run/trivet-balancer /run/trivet-vip /run/trivet-care /var/lib/trivet-care /usr/local/bin/trivet /var/lib/trivet-etcd /usr/local/lib/trivet',
    '/usr/local/bin/kubelet /etc/containerd /etc/keepalived /etc/haproxy /etc/nginx /etc/cni /opt/cni /etc/systemd/system/kubelet.service',
    '/etc/systemd/system/trivet-*',
  ];
  const command = [
    // The lab's own unit stays.
    `ls -d ${paths.join(' ')} 2> /dev/null | grep -v /trivet-lab-`,
    'grep -l trivet /etc/hosts',
    'pgrep -x -l "kubelet|containerd|keepalived|etcd|kube-apiserver|haproxy|nginx"',
    'for d in /var/lib/etcd /var/lib/kubelet; do ls -A $d 2> /dev/null | grep -q . && echo $d; done',
    "dpkg -l containerd keepalived haproxy nginx nginx-light ipvsadm socat 2> /dev/null | grep '^ii'",
    'hostname -I | grep -wo 192.0.2.100',
    'nft list tables 2> /dev/null | grep trivet-care',
    'ip route show proto 116',
  ].join('; ');
  return (await onMachine(name, machine, command)).stdout.trim();
}
