/** The choices that benchmarks and the matrix compare: which machines each needs, its cluster file, and who reaches the API where. */

import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { ApiEndpoint } from '../../src/drill/probes/api-dialer.ts';
import type { Lab } from '../../src/lab/lab-file.ts';
import { type LabMachine, type LabShape, labNetwork } from '../../src/lab/lab-plan.ts';

export interface Variant {
  readonly scheme: 'vip-on-masters' | 'external-pair' | 'external' | 'local-proxy' | 'local-care';
  /** Not for external: its balancer is made by hand, on l1. */
  readonly proxy?: 'none' | 'haproxy' | 'nginx' | 'lvs';
  /** Of local-care. */
  readonly backend?: 'nft' | 'ipvs' | 'proxy';
  /** Default stacked. */
  readonly etcd?: 'on masters' | 'own machines';
  /** Default upload. */
  readonly certificates?: 'copy';
  /** Default standard. */
  readonly profile?: 'good-lan';
  /** Default trixie. */
  readonly release?: 'bookworm';
}

/** vip-on-masters/haproxy, etcd on masters */
export function variantName({ scheme, proxy, backend, etcd, certificates, profile, release }: Variant): string {
  const choice = proxy ?? backend;
  return [
    choice === undefined ? scheme : `${scheme}/${choice}`,
    ...(etcd === undefined ? [] : [`etcd ${etcd === 'on masters' ? etcd : `on ${etcd}`}`]),
    ...(certificates === undefined ? [] : ['certificates copied']),
    ...(profile === undefined ? [] : [profile]),
    ...(release === undefined ? [] : ['Debian 12']),
  ].join(', ');
}

/** For file names: vip-on-masters-haproxy-etcd-on-masters */
export function variantSlug(variant: Variant): string {
  return variantName(variant)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
}

export function variantShape({ scheme, proxy, etcd }: Variant): LabShape {
  return {
    // The box's own kernel has no IP_VS.
    ...(proxy === 'lvs' ? { lbKernel: 'own' as const } : {}),
    masters: 3,
    workers: 1,
    etcd: etcd === 'own machines' ? 3 : 0,
    lb: scheme === 'external-pair' ? 2 : scheme === 'external' ? 1 : 0,
  };
}

const fileSchema = z.looseObject({
  spec: z.looseObject({ hosts: z.array(z.looseObject({ name: z.string(), roles: z.array(z.string()) })) }),
});

/** The variant's cluster file, from the lab's own. `masters`: only the first so many; the other machines stay out, or keep their other role. */
export function variantFile(labFile: string, variant: Variant, masters = 3): string {
  const { spec, ...rest } = fileSchema.parse(parse(labFile));
  const { scheme, proxy, backend, etcd, certificates, profile } = variant;
  const hosts = spec.hosts.flatMap((host) => {
    if (host.name.startsWith('l') && scheme !== 'external-pair') return [];
    if (!host.name.startsWith('m')) return [host];
    const roles = [...(Number(host.name.slice(1)) <= masters ? ['master'] : []), ...(etcd === 'on masters' ? ['etcd'] : [])];
    return roles.length === 0 ? [] : [{ ...host, roles }];
  });
  const { address, port } = endpointOf(variant);
  return stringify({
    ...rest,
    spec: {
      ...spec,
      controlPlaneEndpoint: { domain: labNetwork.domain, ...(isNodeLocal(variant) ? {} : { address, port }) },
      scheme: { kind: scheme, ...(proxy === undefined ? {} : { proxy }), ...(backend === undefined ? {} : { backend }) },
      ...(etcd === undefined ? {} : { etcd: { topology: 'external' } }),
      ...(certificates === undefined ? {} : { certificates }),
      ...(profile === undefined ? {} : { profile }),
      hosts,
    },
  });
}

/** Where the cluster's own machines reach the API. */
export function endpointOf({ scheme, proxy }: Variant): ApiEndpoint {
  if (scheme === 'local-proxy') return { address: '127.0.0.1', port: 6443 };
  if (scheme === 'local-care') return { address: '10.103.97.2', port: 6443 };
  if (scheme === 'external') return { address: '192.0.2.41', port: 6443 };
  return { address: labNetwork.vip, port: scheme === 'vip-on-masters' && proxy !== undefined && proxy !== 'none' ? 8443 : 6443 };
}

/** The endpoint is each node's own: clients outside know all masters. */
export function isNodeLocal({ scheme }: Pick<Variant, 'scheme'>): boolean {
  return scheme === 'local-proxy' || scheme === 'local-care';
}

export interface Reach {
  readonly outside: readonly ApiEndpoint[];
  readonly worker: readonly ApiEndpoint[];
  /** Past the endpoint: each master's own address. */
  readonly direct: readonly ApiEndpoint[];
}

export function reachOf(variant: Variant, lab: Pick<Lab, 'machines'>): Reach {
  const direct = ofRole(lab, 'master').map(({ address }) => ({ address, port: 6443 }));
  const worker = [endpointOf(variant)];
  return { outside: isNodeLocal(variant) ? direct : worker, worker, direct };
}

/** The machines among which the endpoint's address moves. */
export function vipMachines({ scheme }: Variant, lab: Pick<Lab, 'machines'>): readonly string[] {
  const role = scheme === 'vip-on-masters' ? 'master' : scheme === 'external-pair' ? 'lb' : undefined;
  return role === undefined ? [] : ofRole(lab, role).map(({ name }) => name);
}

function ofRole({ machines }: Pick<Lab, 'machines'>, role: LabMachine['role']): readonly LabMachine[] {
  return machines.filter((machine) => machine.role === role);
}
