/** Preflight check: no two machines are the same, as clones of one virtual machine are. */

import type { Check, Finding } from '../finding.ts';
import type { Surveyed } from '../survey.ts';

export const duplicates: Check = ({ machines }) => [
  ...shared(machines, ({ identity }) => [identity.hostname]).map(
    ({ value, hosts }): Finding => ({
      severity: 'error',
      check: 'duplicate-host-names',
      message: `${hosts.join(', ')} call themselves ${value}: nodes of one name overwrite each other`,
      remedy: 'give each its own: hostnamectl set-hostname NAME',
    }),
  ),
  ...machines.flatMap((machine) => mixedUp(machine, machines)),
  ...shared(machines, ({ identity }) => [identity.machineId]).map(
    ({ value, hosts }): Finding => ({
      severity: 'error',
      check: 'duplicate-machine-ids',
      message: `${hosts.join(', ')} have the same machine id ${value}: clones of one machine`,
      remedy: 'on all but one: rm -f /etc/machine-id /var/lib/dbus/machine-id && systemd-machine-id-setup, then reboot',
    }),
  ),
  // In a container both are the box's.
  ...shared(machines.filter(real), ({ identity }) => [identity.productUuid]).map(
    ({ value, hosts }): Finding => ({
      severity: 'warning',
      check: 'duplicate-product-uuids',
      message: `${hosts.join(', ')} have the same product uuid ${value}`,
      remedy: 'give each virtual machine its own uuid; cheap boards share one by design, then ignore this',
    }),
  ),
  ...shared(machines.filter(real), ({ network }) => [...new Set(network?.macs.values())]).map(
    ({ value, hosts }): Finding => ({
      severity: 'error',
      check: 'duplicate-macs',
      message: `${hosts.join(', ')} have the same MAC address ${value}`,
      remedy: 'give each virtual network card its own address where the virtual machine is defined',
    }),
  ),
  ...shared(machines, ({ network }) => network?.addresses.filter((address) => isHostAddress(address, machines)) ?? []).map(
    ({ value, hosts }): Finding => ({
      severity: 'error',
      check: 'duplicate-addresses',
      message: `${hosts.join(', ')} have the same address ${value}`,
      remedy: 'give each machine its own address',
    }),
  ),
];

function real({ identity }: Surveyed): boolean {
  return !identity.insideContainer;
}

/** Bridges of container engines have the same address everywhere; only the file's addresses must be unique. */
function isHostAddress(address: string, machines: readonly Surveyed[]): boolean {
  return machines.some(({ host }) => host.internalAddress === address || host.address === address);
}

function mixedUp({ host, identity }: Surveyed, machines: readonly Surveyed[]): readonly Finding[] {
  const other = machines.find((machine) => machine.host.name === identity.hostname);
  if (other === undefined || other.host.name === host.name || other.identity.hostname === identity.hostname) return [];
  return [
    {
      severity: 'error',
      host: host.name,
      check: 'mixed-up-addresses',
      message: `the machine calls itself ${identity.hostname}, which the cluster file has as another host`,
      remedy: 'see whether two addresses in the cluster file are swapped',
    },
  ];
}

function shared(
  machines: readonly Surveyed[],
  values: (machine: Surveyed) => readonly string[],
): readonly { readonly value: string; readonly hosts: readonly string[] }[] {
  const hosts = new Map<string, string[]>();
  for (const machine of machines) {
    for (const value of values(machine)) if (value !== '') hosts.set(value, [...(hosts.get(value) ?? []), machine.host.name]);
  }
  return [...hosts].filter(([, names]) => names.length > 1).map(([value, names]) => ({ value, hosts: names }));
}
