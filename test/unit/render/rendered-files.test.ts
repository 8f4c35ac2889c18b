/** Rendered configuration against golden files, and the merge of the user's own over it. */

import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Cluster, masters, workers } from '../../../src/model/cluster.ts';
import { containerdConfig } from '../../../src/render/containerd.ts';
import {
  discoveryByFile,
  discoveryKubeconfig,
  initDocuments,
  joinDocuments,
  merge,
  uploadCertsDocuments,
} from '../../../src/render/kubeadm.ts';
import { cniConfig, podRoutes, podRoutesProgram } from '../../../src/render/pod-network.ts';
import { kubeletDropIn, kubeletUnit, podRoutesUnit } from '../../../src/render/systemd.ts';
import { expectGolden } from '../../contract/golden-file.ts';
import { bind, clusterFile, specOf } from '../../fake-machine/rehearsal.ts';

const cluster: Cluster = bind(specOf(clusterFile({ masters: 3, workers: 1, name: 'golden' })), undefined);
const [first, second] = masters(cluster);
const [worker] = workers(cluster);
if (first === undefined || second === undefined || worker === undefined) throw new Error('the cluster file lacks hosts');
const discovery = discoveryByFile('/run/trivet/discovery.conf', 'abcdef.0123456789abcdef');
const join = { cluster, discovery, certificateKey: undefined };
const bare = { cgroupV1: false, insideContainer: false };

describe('golden files', () => {
  test.each([
    ['kubeadm/init.yaml', initDocuments(cluster, first, bare)],
    ['kubeadm/init-cgroup-v1-in-container.yaml', initDocuments(cluster, first, { cgroupV1: true, insideContainer: true })],
    ['kubeadm/join-master.yaml', joinDocuments({ ...join, host: second, certificateKey: '1'.repeat(64) })],
    ['kubeadm/join-worker.yaml', joinDocuments({ ...join, host: worker })],
    ['kubeadm/discovery.conf', discoveryKubeconfig(cluster, 'a certificate\n')],
    ['kubeadm/upload-certs.yaml', uploadCertsDocuments(cluster)],
    ['kubeadm/kubelet.service', kubeletUnit()],
    ['kubeadm/10-kubeadm.conf', kubeletDropIn()],
    ['containerd/config.toml', containerdConfig({ sandboxImage: 'registry.k8s.io/pause:3.10.1', appArmor: true, insideContainer: false })],
    [
      'containerd/config-in-container.toml',
      containerdConfig({ sandboxImage: 'registry.k8s.io/pause:3.10.1', appArmor: false, insideContainer: true }),
    ],
    ['pod-network/10-trivet.conflist', cniConfig('10.244.0.0/24')],
    ['pod-network/pod-routes', podRoutes('10.244.0.0/16', '10.244.0.0/24', [{ podCidr: '10.244.1.0/24', via: '192.0.2.12' }])],
    ['pod-network/pod-routes.sh', podRoutesProgram('/etc/trivet/pod-routes')],
    ['pod-network/trivet-pod-routes.service', podRoutesUnit('/usr/local/lib/trivet/pod-routes')],
  ])('%s', (path, text) => expectGolden(path, text));
});

describe('the user’s kubeadm configuration', () => {
  const kubeadm = {
    cluster: { apiServer: { extraArgs: [{ name: 'profiling', value: 'false' }] } },
    init: { skipPhases: ['addon/kube-proxy'] },
    join: { nodeRegistration: { taints: [] } },
    kubelet: { maxPods: 200 },
    kubeProxy: { mode: 'ipvs' },
  };
  const theirs = { ...cluster, kubernetes: { ...cluster.kubernetes, kubeadm } };

  test('is merged over each kind, key by key', () => {
    const documents = parseAllDocuments(initDocuments(theirs, first, bare)).map((document) => document.toJS());
    expect(documents).toMatchObject([
      { kind: 'InitConfiguration', skipPhases: ['addon/kube-proxy'], nodeRegistration: { name: 'm1' } },
      { kind: 'ClusterConfiguration', apiServer: { extraArgs: [{ name: 'profiling', value: 'false' }], certSANs: expect.any(Array) } },
      { kind: 'KubeletConfiguration', maxPods: 200, cgroupDriver: 'systemd' },
      { kind: 'KubeProxyConfiguration', mode: 'ipvs' },
    ]);
    const joining = parseAllDocuments(joinDocuments({ ...join, cluster: theirs, host: worker }))[0]?.toJS();
    expect(joining).toMatchObject({ nodeRegistration: { name: 'w1', taints: [] } });
  });

  test('merge: objects go together, lists and scalars are replaced, nothing is changed in place', () => {
    const base = { a: { b: 1, c: [1, 2] }, d: 1 };
    expect(merge(base, { a: { c: [3] }, d: { e: null } })).toEqual({ a: { b: 1, c: [3] }, d: { e: null } });
    expect(base).toEqual({ a: { b: 1, c: [1, 2] }, d: 1 });
  });
});

test('initDocuments: the certificate carries every name and address by which a client may come', () => {
  const sans: unknown = parseAllDocuments(initDocuments(cluster, first, bare))[1]?.toJS().apiServer.certSANs;
  expect(sans).toEqual(
    expect.arrayContaining([cluster.endpoint.domain, '192.0.2.100', 'm1', '192.0.2.11', 'm3', '192.0.2.13', 'localhost', '127.0.0.1']),
  );
});
