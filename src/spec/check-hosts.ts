/** Hosts among themselves: no name and no address twice, and addresses that a machine can have. */

import type { Draft, DraftHost, Placed } from './draft.ts';
import type { Finding } from './finding.ts';
import { isMachineAddress } from './ipv4.ts';

export function hostFindings(draft: Draft): readonly Finding[] {
  const { hosts } = draft;
  return [
    ...repeated(hosts, 'name', (host) => host.name),
    // Two machines behind one address are told apart by their SSH ports.
    ...repeated(
      hosts,
      'address',
      (host) => host.address && { path: host.address.path, value: `${host.address.value.text}:${host.sshPort}` },
    ),
    ...repeated(hosts, 'internal address', (host) => {
      const own = host.internalAddress;
      return own && own !== host.address ? { path: own.path, value: own.value.text } : ownOrAddress(host, hosts);
    }),
    ...hosts.flatMap((host) => [host.address, host.internalAddress === host.address ? undefined : host.internalAddress].flatMap(unusable)),
  ];
}

/** The address as an internal one, unless the very same pair is already reported as a repeated address. */
function ownOrAddress(host: DraftHost, hosts: readonly DraftHost[]): Placed<string> | undefined {
  const address = host.address;
  if (address === undefined || host.internalAddress !== address) return undefined;
  const reported = hosts.some(
    (other) => other !== host && other.address?.value.text === address.value.text && other.sshPort === host.sshPort,
  );
  return reported ? undefined : { path: address.path, value: address.value.text };
}

function repeated(hosts: readonly DraftHost[], what: string, pick: (host: DraftHost) => Placed<string> | undefined): readonly Finding[] {
  const first = new Map<string, DraftHost>();
  return hosts.flatMap((host) => {
    const picked = pick(host);
    if (picked === undefined) return [];
    const other = first.get(picked.value);
    if (other === undefined) {
      first.set(picked.value, host);
      return [];
    }
    const value = picked.value.replace(/:22$/, '');
    const message = `${what} ${value} is already that of ${what === 'name' ? `spec.hosts[${other.path.at(-1)}]` : other.label}`;
    return [{ path: picked.path, at: 'value', message, expected: `each host to have its own ${what}` } satisfies Finding];
  });
}

function unusable(address: DraftHost['address']): readonly Finding[] {
  if (address === undefined || isMachineAddress(address.value.number)) return [];
  const message = `${address.value.text} cannot be the address of a machine that others reach`;
  return [{ path: address.path, at: 'value', message, expected: 'an address that is not loopback, link-local, multicast or reserved' }];
}
