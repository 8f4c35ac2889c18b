/** What a machine that is not asked is taken to say: that it is bare, as on a first trivet up, and of the usual kind. */

import type { ClusterSpec } from '../model/cluster.ts';
import type { RunResult } from '../model/connection.ts';
import type { Host } from '../model/host.ts';

/** Stand where a secret will stand, in its own form; shown as «secret». */
const token = '000000.0000000000000000';
const key = '0'.repeat(64);

/** Facts about what a machine is, and not about how far the work has come: worth asking it for. First words of their names. */
const ofTheMachine: Readonly<Record<string, (host: Host, argument: string) => string>> = {
  surroundings: () => 'control groups version 2, not a container, AppArmor on',
  'interface-for': ({ interface: named }, address) => `${address} belongs to its interface ${named ?? 'eth0'}`,
  'keepalived-instances': () => 'no keepalived there has the address already',
  'vrrp-seen': () => 'no other VRRP router is heard there, so that the id is the address’s last number',
};

/** What is assumed about the machine in place of this fact, for people; undefined: the fact is no question of the machine. */
export function assumption(host: Host, factName: string): string | undefined {
  const [kind = '', argument = ''] = factName.split(' ');
  return ofTheMachine[kind]?.(host, argument);
}

/** `joining`: the host that is rendered joins, so that the first master is there already. undefined: nothing is there yet. */
export function assumedAnswer(cluster: ClusterSpec, host: Host, factName: string, joining: boolean): RunResult | undefined {
  const [kind = '', argument = ''] = factName.split(' ');
  const first = cluster.hosts.find((candidate) => candidate.roles.includes('master'));
  switch (kind) {
    case 'surroundings':
      return said('cgroup2fs\nnone\nY\n');
    case 'interface-for':
      return said(`\n==section routes\nIface\n${host.interface ?? 'eth0'} ${networkOf(argument)} 00000000 0001 0 0 0 00FFFFFF 0 0 0\n`);
    case 'vrrp-seen':
      return said('listened\n');
    case 'kubernetes-state':
      return said(joining && host === first ? '/var/lib/trivet/completed\n/etc/kubernetes/pki/ca.crt\n' : '');
    case 'cluster-nodes':
      return said('{"items":[]}');
    case 'join-token':
      return said(`${token}\n`);
    case 'certificate-key':
      return said(`${key}\n`);
    case 'cluster-ca':
      return said('-----BEGIN CERTIFICATE-----\n(the cluster’s CA, made by kubeadm init)\n-----END CERTIFICATE-----\n');
    default:
      return undefined;
  }
}

/** The text with «secret» for what stood in for secrets; undefined when nothing did. */
export function withoutSecrets(text: string): string | undefined {
  const shown = text.replaceAll(token, '«secret»').replaceAll(key, '«secret»');
  return shown === text ? undefined : shown;
}

function said(stdout: string): RunResult {
  return { code: 0, stdout, stderr: '' };
}

/** The /24 of an address as /proc/net/route writes it: little-endian. */
function networkOf(address: string): string {
  const [a, b, c] = address.split('.').map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'));
  return `00${c}${b}${a}`;
}
