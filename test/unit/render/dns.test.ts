/** Where CoreDNS is to run, against golden files; and that DNS's address and domain come from one place. */

import { describe, expect, test } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import type { DnsOptions } from '../../../src/model/cluster.ts';
import { masters } from '../../../src/model/cluster.ts';
import { dnsObject, dnsPatch, dnsReplicas } from '../../../src/render/dns.ts';
import { initDocuments } from '../../../src/render/kubeadm.ts';
import { isPatched } from '../../../src/render/strategic-patch.ts';
import { expectGolden } from '../../contract/golden-file.ts';
import { bind, clusterFile, specOf } from '../../fake-machine/rehearsal.ts';

const size = { masters: 3, workers: 5, name: 'golden' };

function clusterWith(dns: Partial<DnsOptions>, file = clusterFile(size)) {
  const cluster = bind(specOf(file), undefined);
  return { ...cluster, dns: { ...cluster.dns, ...dns } };
}

describe('dnsPatch', () => {
  test.each([
    ['masters-deployment', {}],
    ['workers-deployment', { on: 'workers' }],
    ['all-deployment', { on: 'all' }],
    ['all-daemonset', { on: 'all', as: 'daemonset' }],
    ['masters-daemonset', { as: 'daemonset' }],
  ] satisfies readonly (readonly [string, Partial<DnsOptions>])[])('%s', (name, dns) => {
    expectGolden(`dns/${name}.yaml`, stringify(dnsPatch(clusterWith(dns))));
  });

  test('a single replica is replaced without a gap, and several although one machine is down', () => {
    const one = bind(specOf(clusterFile({ masters: 1, workers: 0 })), undefined);
    expect(dnsPatch(one)).toMatchObject({ spec: { replicas: 1, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } } });
    expect(dnsPatch(clusterWith({}))).toMatchObject({
      spec: { replicas: 3, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
    });
  });

  test('tolerates the taints that the file gives to its machines, each once', () => {
    const file = clusterFile(size).replaceAll(
      /(name: w[12],.*roles: \[worker\])/g,
      '$1, taints: [{ key: dedicated, value: db, effect: NoSchedule }]',
    );
    const taint = { key: 'dedicated', operator: 'Equal', value: 'db', effect: 'NoSchedule' };
    const tolerations = (dns: Partial<DnsOptions>) => JSON.stringify(dnsPatch(clusterWith(dns, file)));
    expect(tolerations({ on: 'all', as: 'daemonset' }).split(JSON.stringify(taint))).toHaveLength(2);
    expect(tolerations({ on: 'masters' })).not.toContain('dedicated');
  });
});

test.each([
  [{ on: 'masters' }, 3],
  [{ on: 'workers' }, 3],
  [{ on: 'all' }, 3],
  [{ on: 'workers', as: 'daemonset' }, 5],
  [{ on: 'all', as: 'daemonset' }, 8],
] satisfies readonly (readonly [Partial<DnsOptions>, number])[])('dnsReplicas %o: %i', (dns, expected) => {
  expect(dnsReplicas(clusterWith(dns))).toBe(expected);
});

test('dnsObject: the other kind’s pods, placed anew, as the patch wants them', () => {
  const spec = {
    replicas: 2,
    selector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    strategy: { type: 'RollingUpdate' },
    template: {
      metadata: { labels: { 'k8s-app': 'kube-dns' } },
      spec: { priorityClassName: 'high', containers: [{ name: 'coredns', image: 'x' }] },
    },
  };
  const cluster = clusterWith({ on: 'all', as: 'daemonset' });
  const daemonSet = dnsObject(cluster, spec);
  expect(daemonSet).toMatchObject({
    kind: 'DaemonSet',
    spec: { selector: spec.selector, template: { spec: { priorityClassName: 'high', containers: [{ image: 'x' }] } } },
  });
  expect(daemonSet.spec).not.toHaveProperty('replicas');
  expect(daemonSet.spec).not.toHaveProperty('strategy');
  expect(isPatched(daemonSet, dnsPatch(cluster))).toBe(true);
});

test('the kubelets’ DNS address and domain come from spec.network alone: kubeadm derives them', () => {
  const cluster = clusterWith({});
  const network = { ...cluster.network, serviceSubnet: '10.32.0.0/16', dnsDomain: 'k8s.example' };
  const [founder] = masters(cluster);
  if (founder === undefined) throw new Error('no master');
  const documents = parseAllDocuments(initDocuments({ ...cluster, network }, founder, { cgroupV1: false, insideContainer: false }));
  const [, clusterConfiguration, kubelet] = documents.map((document) => document.toJS());
  expect(clusterConfiguration.networking).toMatchObject({ serviceSubnet: '10.32.0.0/16', dnsDomain: 'k8s.example' });
  expect(kubelet.kind).toBe('KubeletConfiguration');
  expect(kubelet).not.toHaveProperty('clusterDNS');
  expect(kubelet).not.toHaveProperty('clusterDomain');
});
