import { describe, expect, it } from 'vitest';
import { failoverClusters } from '../../../bench/parts/failover-sets.ts';
import {
  endpointOf,
  reachOf,
  type Variant,
  variantFile,
  variantName,
  variantShape,
  variantSlug,
  vipMachines,
} from '../../../bench/parts/variant.ts';
import { clusterFile } from '../../../src/lab/cluster-file.ts';
import { planMachines } from '../../../src/lab/lab-plan.ts';
import { parseClusterFile } from '../../../src/spec/parse-cluster-file.ts';
import { fullMatrix, smallMatrix } from '../../lab/parts/matrix-cases.ts';

const variants: readonly (Variant & { readonly grows?: true })[] = [
  ...fullMatrix,
  ...smallMatrix,
  ...failoverClusters.map(({ variant }) => variant),
];

function fileOf(variant: Variant, masters?: number): string {
  const machines = planMachines(variantShape(variant));
  const lab = clusterFile({ lab: 'x', machines, keyFile: '/k', knownHosts: '/h', bundle: '/b' });
  return variantFile(lab, variant, masters);
}

function specOf(text: string) {
  const result = parseClusterFile(text, { path: 'x.yaml', directory: '/x', allowEven: false });
  expect(result).toMatchObject({ kind: 'ok' });
  if (result.kind !== 'ok') throw new Error('not ok');
  return result.spec;
}

describe('variantFile', () => {
  it.each(variants.map((variant) => [variantName(variant), variant] as const))('%s: is a cluster file that trivet takes', (_, variant) => {
    const spec = specOf(fileOf(variant));
    expect(spec.schemeOptions.kind).toBe(variant.scheme);
    expect({ address: spec.endpoint.address, port: spec.endpoint.port }).toEqual(endpointOf(variant));
    expect(spec.hosts.filter((host) => host.roles.includes('master'))).toHaveLength(3);
    expect(spec.etcdOptions.kind).toBe(variant.etcd === undefined ? 'stacked' : 'hosted');
    expect(spec.certificates).toBe(variant.certificates ?? 'upload');
    expect(spec.profile).toBe(variant.profile ?? 'standard');
  });

  it.each(variants.flatMap((variant) => (variant.grows === true ? [[variantName(variant), variant] as const] : [])))(
    '%s: with one master for a beginning, etcd’s machines complete',
    (_, variant) => {
      const spec = specOf(fileOf(variant, 1));
      expect(spec.hosts.filter((host) => host.roles.includes('master')).map(({ name }) => name)).toEqual(['m1']);
      expect(spec.hosts.filter((host) => host.roles.includes('etcd'))).toHaveLength(variant.etcd === undefined ? 0 : 3);
    },
  );
});

it('variantSlug: tells all variants apart', () => {
  const slugs = fullMatrix.map(variantSlug);
  expect(new Set(slugs).size).toBe(slugs.length);
  expect(variantSlug({ scheme: 'vip-on-masters', proxy: 'haproxy', etcd: 'on masters' })).toBe('vip-on-masters-haproxy-etcd-on-masters');
});

it('reachOf: without an endpoint for them, clients outside know each master', () => {
  const machines = planMachines({ masters: 3, workers: 1, etcd: 0, lb: 2 });
  const masters = ['192.0.2.11', '192.0.2.12', '192.0.2.13'].map((address) => ({ address, port: 6443 }));
  const local = reachOf({ scheme: 'local-proxy', proxy: 'nginx' }, { machines });
  expect(local).toEqual({ outside: masters, worker: [{ address: '127.0.0.1', port: 6443 }], direct: masters });
  const vip = reachOf({ scheme: 'vip-on-masters', proxy: 'haproxy' }, { machines });
  expect(vip).toMatchObject({ outside: [{ address: '192.0.2.100', port: 8443 }], worker: [{ address: '192.0.2.100', port: 8443 }] });
  expect(vipMachines({ scheme: 'external-pair', proxy: 'haproxy' }, { machines })).toEqual(['l1', 'l2']);
});
