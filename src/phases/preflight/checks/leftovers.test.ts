import { expect, test } from 'vitest';
import { healthySurvey } from '../healthy-survey.ts';
import { leftovers } from './leftovers.ts';

const none = { hasReceipt: false, clusterName: undefined, kubernetes: [], cni: [], caSha256: undefined, kubeletServer: undefined };
const files = { kubernetes: ['/etc/kubernetes/admin.conf', '/var/lib/etcd/member'], cni: ['/etc/cni/net.d/10-trivet.conflist'] };

test('leftovers: nothing on clean machines, nor on members of this cluster', () => {
  expect(leftovers(healthySurvey({ m1: { traces: { ...none, ...files, hasReceipt: true, clusterName: 'test' } } }))).toEqual([]);
});

test('leftovers: a receipt without a cluster name and without files is nothing, with files an error', () => {
  expect(leftovers(healthySurvey({ m1: { traces: { ...none, hasReceipt: true } } }))).toEqual([]);
  expect(leftovers(healthySurvey({ m1: { traces: { ...none, ...files, hasReceipt: true } } }))).toMatchObject([{ check: 'leftovers' }]);
});

test('leftovers: a Kubernetes without a receipt is an error, FOREIGN_CLUSTER when its kubelet has a server', () => {
  const [finding] = leftovers(healthySurvey({ m1: { traces: { ...none, ...files } } }));
  expect(finding).toMatchObject({ severity: 'error', host: 'm1', check: 'leftovers' });
  expect(finding?.code).toBeUndefined();
  const kubeletServer = 'https://198.51.100.1:6443';
  expect(leftovers(healthySurvey({ m1: { traces: { ...none, ...files, kubeletServer } } }))).toMatchObject([
    { code: 'FOREIGN_CLUSTER', message: expect.stringContaining(kubeletServer) },
  ]);
});

test('leftovers: a machine of another trivet cluster is FOREIGN_CLUSTER', () => {
  expect(leftovers(healthySurvey({ w1: { traces: { ...none, ...files, hasReceipt: true, clusterName: 'other' } } }))).toMatchObject([
    { severity: 'error', host: 'w1', check: 'foreign-cluster', code: 'FOREIGN_CLUSTER', message: expect.stringContaining('other') },
  ]);
});

test('leftovers: a pod network alone is an error of its own', () => {
  expect(leftovers(healthySurvey({ w1: { traces: { ...none, cni: ['/etc/cni/net.d/87-podman.conflist'] } } }))).toMatchObject([
    { check: 'leftover-pod-network' },
  ]);
});
