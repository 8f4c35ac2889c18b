import { expect, test } from 'vitest';
import { clusterTraces } from './cluster-traces.ts';

const master = `
==section receipt
/var/lib/trivet/receipt.ndjson

==section cluster
demo

==section kubernetes
/etc/kubernetes/admin.conf
/etc/kubernetes/manifests/etcd.yaml
/var/lib/etcd/member

==section cni
/etc/cni/net.d/10-trivet.conflist

==section ca
4a1b2c3d4e5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcdef  /etc/kubernetes/pki/ca.crt

==section server
    server: https://apiserver.cluster.local:6443
`;

test('clusterTraces: what a master of a cluster has', () => {
  expect(clusterTraces.parse({ code: 0, stdout: master, stderr: '' })).toEqual({
    hasReceipt: true,
    clusterName: 'demo',
    kubernetes: ['/etc/kubernetes/admin.conf', '/etc/kubernetes/manifests/etcd.yaml', '/var/lib/etcd/member'],
    cni: ['/etc/cni/net.d/10-trivet.conflist'],
    caSha256: '4a1b2c3d4e5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcdef',
    kubeletServer: 'https://apiserver.cluster.local:6443',
  });
});

test('clusterTraces: nothing on a clean machine', () => {
  const names = ['receipt', 'cluster', 'kubernetes', 'cni', 'ca', 'server'];
  const stdout = names.map((name) => `\n==section ${name}\n`).join('');
  expect(clusterTraces.parse({ code: 0, stdout, stderr: '' })).toEqual({
    hasReceipt: false,
    clusterName: undefined,
    kubernetes: [],
    cni: [],
    caSha256: undefined,
    kubeletServer: undefined,
  });
});
