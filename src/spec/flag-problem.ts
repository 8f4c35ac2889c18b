/** Which flag a finding is about: the flags stand for parts of the cluster file, and this is the way back. */

import type { Finding, Path } from './finding.ts';
import type { Problem } from './problem.ts';
import type { SpecFlags } from './spec-flags.ts';

export function problemOfFlag(path: string, message: string, expected: string): Problem {
  return { code: 'CLUSTER_FILE', file: '', line: 0, column: 0, path, message, expected };
}

const flagsByPath: readonly (readonly [string, string, keyof SpecFlags])[] = [
  ['metadata.name', '--name', 'name'],
  ['spec.kubernetes.version', '--version', 'version'],
  ['spec.kubernetes.kubeadm', '--kubeadm-config', 'kubeadmConfig'],
  ['spec.bundle', '--pkg', 'pkg'],
  ['spec.lab', '--lab', 'lab'],
  ['spec.ssh.user', '--user', 'user'],
  ['spec.ssh.port', '--port', 'port'],
  ['spec.ssh.keyFile', '--pk', 'pk'],
  ['spec.ssh.knownHosts', '--known-hosts', 'knownHosts'],
  ['spec.ssh.password.env', '--passwd-env', 'passwdEnv'],
  ['spec.ssh.password', '--passwd-file', 'passwdFile'],
  ['spec.controlPlaneEndpoint', '--vip', 'vip'],
  ['spec.scheme.interface', '--interface', 'interface'],
  ['spec.scheme', '--scheme', 'scheme'],
];

function flagOf(path: Path) {
  const dotted = path.join('.');
  return flagsByPath.find(([prefix]) => dotted === prefix || dotted.startsWith(`${prefix}.`));
}

/** True when a flag, and not the kubeadm file, said what stands at the path. */
export function givenByFlag(flags: SpecFlags, path: Path): boolean {
  const [prefix, , key] = flagOf(path) ?? [];
  if (key === undefined || key === 'kubeadmConfig') return false;
  return flags[key] !== undefined && (prefix !== 'spec.controlPlaneEndpoint' || path.at(-1) === 'address');
}

/** `hosts`: where each came from, in the order of the cluster file's list. */
export function flagProblem(
  flags: SpecFlags,
  finding: Finding,
  hosts: readonly { readonly flag: string; readonly typed: string }[],
): Problem {
  const { message, expected, suggestion, code } = finding;
  const end = { ...(suggestion === undefined ? {} : { suggestion }), ...(code === undefined ? {} : { code }) };
  if (finding.path[1] === 'hosts') {
    const index = finding.path[2];
    const host = typeof index === 'number' ? hosts[index] : undefined;
    const flag = host?.flag ?? '--master';
    const field = `${flag} ${host?.typed ?? ''}`.trim();
    return { ...problemOfFlag(code === 'EVEN_MASTERS' ? flag : field, message, expected), ...end };
  }
  const [, flag = finding.path.join('.'), key] = flagOf(finding.path) ?? [];
  const value = key === undefined || key === 'masters' || key === 'nodes' || key === 'lbs' ? undefined : flags[key];
  const typed = typeof value === 'string' && !message.includes(value) ? ` ${value}` : '';
  return { ...problemOfFlag(`${flag}${typed}`, message, expected), ...end };
}
