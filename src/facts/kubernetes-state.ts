/** How far Kubernetes has come on a machine, read from its files alone. */

import type { Fact } from '../model/fact.ts';

/** Written after kubeadm's last step, so that a half-made master is told from a whole one. */
export const completedMarker = '/var/lib/trivet/completed';

export interface KubernetesState {
  /** kubeadm init or join ran to its end here. */
  readonly completed: boolean;
  /** Some of kubeadm's work is here, whole or not. */
  readonly begun: boolean;
  readonly hasAdminKubeconfig: boolean;
  readonly hasKubeletKubeconfig: boolean;
  readonly hasApiserverManifest: boolean;
  readonly hasEtcdData: boolean;
}

const files = {
  completed: completedMarker,
  admin: '/etc/kubernetes/admin.conf',
  kubelet: '/etc/kubernetes/kubelet.conf',
  apiserver: '/etc/kubernetes/manifests/kube-apiserver.yaml',
  etcd: '/var/lib/etcd/member',
  pki: '/etc/kubernetes/pki/ca.crt',
};

export const kubernetesState: Fact<KubernetesState> = {
  name: 'kubernetes-state',
  argv: ['ls', '-d', ...Object.values(files)],
  parse: ({ stdout }) => {
    const there = new Set(stdout.split('\n'));
    return {
      completed: there.has(files.completed),
      // Not etcd's data: an external member's may lie there, and a stacked one comes after the CA.
      begun: there.has(files.pki) || there.has(files.admin) || there.has(files.kubelet) || there.has(files.apiserver),
      hasAdminKubeconfig: there.has(files.admin),
      hasKubeletKubeconfig: there.has(files.kubelet),
      hasApiserverManifest: there.has(files.apiserver),
      hasEtcdData: there.has(files.etcd),
    };
  },
};
