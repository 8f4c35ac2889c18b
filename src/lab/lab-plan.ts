/** Which machines a lab has, and at which addresses: the same in every lab, as no lab sees another. */

import { Failure } from '../model/failure.ts';
import type { Role } from '../model/host.ts';

export interface LabShape {
  readonly masters: number;
  readonly workers: number;
  readonly etcd: number;
  readonly lb: number;
  /** own: each balancer's machine has a kernel of its own, with IP_VS; default shared, the box's. */
  readonly lbKernel?: 'shared' | 'own';
}

export const machineKinds = ['nspawn', 'uml'] as const;
export type MachineKind = (typeof machineKinds)[number];

export interface LabMachine {
  readonly name: string;
  readonly address: string;
  readonly role: Role;
  /** nspawn: a container on the box's kernel; uml: user-mode-linux, a kernel of its own. */
  readonly kind: MachineKind;
}

/** Documentation addresses (RFC 5737), used only inside the lab's namespaces. */
export const labNetwork = {
  prefixLength: 24,
  netmask: '255.255.255.0',
  controller: '192.0.2.1',
  vip: '192.0.2.100',
  domain: 'apiserver.cluster.local',
} as const;

const kinds = [
  { of: 'masters', role: 'master', letter: 'm', first: 11 },
  { of: 'workers', role: 'worker', letter: 'w', first: 21 },
  { of: 'etcd', role: 'etcd', letter: 'e', first: 31 },
  { of: 'lb', role: 'lb', letter: 'l', first: 41 },
] as const;

/** Throws USAGE when a count is not a whole number from 0 to 9, or when all are 0. */
export function planMachines(shape: LabShape): readonly LabMachine[] {
  const machines = kinds.flatMap((kind) => {
    const count = shape[kind.of];
    if (!Number.isInteger(count) || count < 0 || count > 9)
      throw new Failure('USAGE', `a lab has 0 to 9 machines of each kind, not --${kind.of} ${count}`);
    return Array.from({ length: count }, (_, index) => ({
      name: `${kind.letter}${index + 1}`,
      address: `192.0.2.${kind.first + index}`,
      role: kind.role,
      kind: kind.of === 'lb' && shape.lbKernel === 'own' ? ('uml' as const) : ('nspawn' as const),
    }));
  });
  if (machines.length === 0) throw new Failure('USAGE', 'a lab without machines', { remedy: 'Give at least --masters 1' });
  return machines;
}

/** A machine keeps its hardware address over power-offs, so that its neighbours' tables stay true, as with real hardware. */
export function hardwareAddress(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return ['02', '00', ...bytes].join(':');
}
