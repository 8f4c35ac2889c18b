/** A hosted etcd's files, and what kubeadm and etcdctl are told of it. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectGolden } from '../../../test/contract/golden-file.ts';
import { bind, specOf } from '../../../test/fake-machine/rehearsal.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import { apiGate, apiGateUnit } from '../../render/api-gate.ts';
import { etcdCertificateDocuments } from '../../render/etcd-certificates.ts';
import { etcdConfig } from '../../render/etcd-config.ts';
import { etcdServiceUnit } from '../../render/etcd-unit.ts';
import { etcdWatch, etcdWatchUnit } from '../../render/etcd-watch.ts';
import { initDocuments } from '../../render/kubeadm.ts';

const examples = join(import.meta.dirname, '../../../examples');
const example = async (name: string) => bind(specOf(await readFile(join(examples, name), 'utf8'), name), undefined);
const apart = await example('etcd-machines.yaml');
const beside = await example('etcd-on-masters.yaml');

function host(cluster: Cluster, name: string): Host {
  const found = cluster.hosts.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no host ${name}`);
  return found;
}

const bare = { cgroupV1: false, insideContainer: false };

describe('golden files', () => {
  test.each([
    ['etcd/etcd.yaml', etcdConfig(apart, host(apart, 'e2'))],
    ['etcd/etcd-good-lan.yaml', etcdConfig({ ...beside, profile: 'good-lan' }, host(beside, 'm1'))],
    ['etcd/trivet-etcd.service', etcdServiceUnit()],
    ['etcd/etcd-watch', etcdWatch({ members: ['192.0.2.31', '192.0.2.32'], everySeconds: 0.3 })],
    ['etcd/trivet-etcd-watch.service', etcdWatchUnit()],
    ['etcd/api-gate', apiGate({ address: '192.0.2.11', port: 6443, peers: ['192.0.2.12', '192.0.2.13'] })],
    ['etcd/trivet-api-gate.service', apiGateUnit()],
    ['etcd/kubeadm-certificates.yaml', etcdCertificateDocuments(apart, host(apart, 'e2'))],
    ['etcd/kubeadm-init-apart.yaml', initDocuments(apart, host(apart, 'm1'), bare)],
    ['etcd/kubeadm-init-beside.yaml', initDocuments(beside, host(beside, 'm1'), bare)],
  ])('%s', (path, text) => expectGolden(path, text));
});

test('etcdConfig: fsync is never turned off', () => {
  expect(etcdConfig(apart, host(apart, 'e1'))).not.toContain('unsafe');
});

test('etcdCertificateDocuments: the user’s validity and key algorithm hold for etcd’s certificates too, and nothing else of theirs', () => {
  const cluster = { certificateValidityPeriod: '2160h0m0s', encryptionAlgorithm: 'ECDSA-P256', apiServer: { certSANs: ['x'] } };
  const theirs = { ...apart, kubernetes: { ...apart.kubernetes, kubeadm: { ...apart.kubernetes.kubeadm, cluster } } };
  const text = etcdCertificateDocuments(theirs, host(apart, 'e1'));
  expect(text).toContain('certificateValidityPeriod: 2160h0m0s\nencryptionAlgorithm: ECDSA-P256\n');
  expect(text).not.toContain('apiServer');
});

describe('hostedEtcd', () => {
  test('asks all members where some master has none, and its own where all have one', () => {
    expect(apart.etcd.access(apart, host(apart, 'm1')).endpoints).toHaveLength(3);
    expect(beside.etcd.access(beside, host(beside, 'm1')).endpoints).toEqual(['https://127.0.0.1:2379']);
    expect(apart.etcd.access(apart, host(apart, 'e1')).keyFile).toBe('/etc/trivet/pki/etcd/healthcheck-client.key');
  });

  test('lies where neither kubeadm init nor kubeadm reset takes it for a stacked member’s', () => {
    const paths = [etcdConfig(beside, host(beside, 'm1')), etcdServiceUnit(), JSON.stringify(beside.etcd.kubeadmEtcd(beside))].join('\n');
    expect(paths).not.toMatch(/\/var\/lib\/etcd|\/etc\/kubernetes/);
  });
});
