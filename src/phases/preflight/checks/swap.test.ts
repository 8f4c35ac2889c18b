import { expect, test } from 'vitest';
import { healthySurvey, testCluster } from '../healthy-survey.ts';
import { swap } from './swap.ts';

const swapping = { m1: { capacity: { processors: 2, memoryBytes: 4e9, swaps: ['/dev/sda2'], disks: [] } } };

test('swap: nothing where there is none', () => {
  expect(swap(healthySurvey())).toEqual([]);
});

test('swap: an error where it is on', () => {
  expect(swap(healthySurvey(swapping))).toMatchObject([{ severity: 'error', host: 'm1', remedy: expect.stringContaining('swapoff -a') }]);
});

test('swap: nothing when the kubelet is told to bear it', () => {
  const kubeadm = { ...testCluster.kubernetes.kubeadm, kubelet: { failSwapOn: false } };
  expect(swap(healthySurvey(swapping, { ...testCluster, kubernetes: { ...testCluster.kubernetes, kubeadm } }))).toEqual([]);
});
