/** What can be understood of a cluster file that may be wrong elsewhere, so that one mistake does not hide the others. */

import { type DraftEtcd, type DraftScheme, readEtcd, readScheme } from './draft-choices.ts';
import type { Path } from './finding.ts';
import { parseIpv4, parseSubnet, type Subnet } from './ipv4.ts';
import { record } from './record.ts';
import { careAddress, defaultServiceSubnet } from './scheme-options.ts';

export interface Placed<T> {
  readonly path: Path;
  readonly value: T;
}

export interface AddressText {
  readonly text: string;
  readonly number: number;
}

export interface DraftHost {
  readonly path: Path;
  /** The name, or the place when there is none: for messages. */
  readonly label: string;
  readonly name: Placed<string> | undefined;
  readonly address: Placed<AddressText> | undefined;
  /** Its own key's, or address. */
  readonly internalAddress: Placed<AddressText> | undefined;
  readonly sshPort: number;
  readonly isMaster: boolean;
  readonly isWorker: boolean;
  readonly isEtcd: boolean;
  readonly isBalancer: boolean;
  /** Its keys that mean something for a node of Kubernetes only. */
  readonly nodeKeys: readonly string[];
}

export interface DraftSubnet extends Subnet {
  readonly text: string;
}

export interface Draft {
  readonly hosts: readonly DraftHost[];
  /** False when the file has no list of hosts, or a role in it that is none: a misspelt master counts too. */
  readonly rolesAreKnown: boolean;
  readonly scheme: DraftScheme | undefined;
  readonly etcd: DraftEtcd | undefined;
  readonly profile: unknown;
  readonly dns: Readonly<Record<string, unknown>>;
  readonly endpoint: Placed<AddressText> | undefined;
  /** True when the key is there, readable or not. */
  readonly endpointIsGiven: boolean;
  readonly endpointPort: unknown;
  readonly podSubnet: Placed<DraftSubnet> | undefined;
  readonly serviceSubnet: Placed<DraftSubnet> | undefined;
  readonly kubeadm: Readonly<Record<string, unknown>>;
}

export function readDraft(data: unknown): Draft {
  const spec = record(record(data).spec);
  const network = record(spec.network);
  const endpoint = record(spec.controlPlaneEndpoint);
  const defaultPort = record(spec.ssh).port;
  const items: readonly unknown[] = Array.isArray(spec.hosts) ? spec.hosts : [];
  const scheme = readScheme(spec.scheme, endpoint.address !== undefined);
  const services = network.serviceSubnet ?? defaultServiceSubnet(scheme?.kind);
  return {
    hosts: items.map((item, index) => readHost(record(item), ['spec', 'hosts', index], defaultPort)),
    rolesAreKnown: items.length > 0 && items.every((item) => rolesAreKnown(record(item).roles)),
    scheme,
    etcd: readEtcd(spec.etcd),
    profile: spec.profile,
    dns: record(spec.dns),
    endpoint: readAddress(endpoint.address ?? (scheme?.kind === 'local-care' ? careAddress : undefined), [
      'spec',
      'controlPlaneEndpoint',
      'address',
    ]),
    endpointPort: endpoint.port,
    endpointIsGiven: endpoint.address !== undefined,
    podSubnet: readSubnet(network.podSubnet ?? '10.244.0.0/16', ['spec', 'network', 'podSubnet']),
    serviceSubnet: readSubnet(services, ['spec', 'network', 'serviceSubnet']),
    kubeadm: record(record(spec.kubernetes).kubeadm),
  };
}

function rolesAreKnown(roles: unknown): boolean {
  return Array.isArray(roles) && roles.every((role) => ['master', 'worker', 'etcd', 'lb'].includes(role));
}

function readHost(item: Readonly<Record<string, unknown>>, path: Path, defaultPort: unknown): DraftHost {
  const name = typeof item.name === 'string' && item.name !== '' ? { path: [...path, 'name'], value: item.name } : undefined;
  const address = readAddress(item.address, [...path, 'address']);
  const port = record(item.ssh).port ?? defaultPort;
  const roles: readonly unknown[] = Array.isArray(item.roles) ? item.roles : [];
  return {
    path,
    label: name?.value ?? `host ${Number(path.at(-1)) + 1}`,
    name,
    address,
    internalAddress: item.internalAddress === undefined ? address : readAddress(item.internalAddress, [...path, 'internalAddress']),
    sshPort: typeof port === 'number' ? port : 22,
    isMaster: roles.includes('master'),
    isWorker: roles.includes('worker'),
    isEtcd: roles.includes('etcd'),
    isBalancer: roles.includes('lb'),
    nodeKeys: ['labels', 'taints'].filter((key) => item[key] !== undefined),
  };
}

function readAddress(value: unknown, path: Path): Placed<AddressText> | undefined {
  const number = typeof value === 'string' ? parseIpv4(value) : undefined;
  return typeof value !== 'string' || number === undefined ? undefined : { path, value: { text: value, number } };
}

function readSubnet(value: unknown, path: Path): Placed<DraftSubnet> | undefined {
  const subnet = typeof value === 'string' ? parseSubnet(value) : undefined;
  return typeof value !== 'string' || subnet === undefined ? undefined : { path, value: { text: value, ...subnet } };
}
