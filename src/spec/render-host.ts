/** A host and its SSH settings as the cluster file writes them. */

import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import type { Host, PasswordSource, Ssh } from '../model/host.ts';

/** The settings that all hosts share; a key that one of them lacks cannot stand there, since no host can take it away. */
export function commonSsh(hosts: readonly Host[]): Partial<Ssh> {
  const [first, ...rest] = hosts.map((host) => host.ssh);
  if (first === undefined) return {};
  const shared = Object.entries(first).filter(([key, value]) =>
    rest.every((ssh) => isDeepStrictEqual(Object.entries(ssh).find(([other]) => other === key)?.[1], value)),
  );
  return Object.fromEntries(shared);
}

/** The keys of an ssh section. */
export function sshToFile(ssh: Partial<Ssh>) {
  return {
    user: ssh.user,
    port: ssh.port,
    keyFile: ssh.keyFile,
    knownHosts: ssh.knownHosts,
    password: ssh.password === undefined ? undefined : passwordToFile(ssh.password),
  };
}

function passwordToFile(password: PasswordSource) {
  if (password.kind === 'environment') return { env: password.variable };
  return password.kind === 'file' ? { file: password.path } : { prompt: true };
}

/** The host's entry in the list, indented for it. `defaults`: what spec.ssh says already. */
export function renderHost(host: Host, defaults: Partial<Ssh>): string {
  const own = Object.fromEntries(Object.entries(sshToFile(host.ssh)).filter(([key]) => !(key in defaults)));
  const ssh = optional(Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)));
  const content = {
    name: host.name,
    address: host.address,
    internalAddress: host.internalAddress === host.address ? undefined : host.internalAddress,
    roles: host.roles,
    interface: host.interface,
    ssh,
    labels: optional(host.labels),
    taints: optional(host.taints),
  };
  const short = content.ssh === undefined && content.labels === undefined && content.taints === undefined;
  const text = stringify([content], { lineWidth: 0, collectionStyle: short ? 'flow' : 'block' }).trimEnd();
  const line = short ? `- ${text.slice(1, -1).trim()}` : text;
  return `${indent(line, '    ')}\n`;
}

/** Nothing for what is empty, so that the key is left out. */
export function optional<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

export function indent(text: string, by: string): string {
  return text.replaceAll(/^(?=.)/gm, by);
}
