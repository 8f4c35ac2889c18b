/** Phase: the workers, by kubeadm join. */

import { clusterCa, joinToken } from '../facts/join-secrets.ts';
import { kubernetesState } from '../facts/kubernetes-state.ts';
import { workers } from '../model/cluster.ts';
import type { Phase } from '../model/phase.ts';
import { kubeletBootstrapped, kubeletStarted } from './join-masters.ts';
import { completedMaster, joinFileSteps, kubeadmJoinPhase, kubeadmJoinRest, kubeadmPreflight } from './joining.ts';

export const joinWorkers: Phase = {
  name: 'join-workers',
  summary: 'the workers join',
  usualSeconds: 10,
  order: 'parallel',
  hosts: workers,
  plan: async ({ cluster, host, read }) => {
    if ((await read(host, kubernetesState)).completed) return [];
    const master = await completedMaster(cluster, read);
    const [token, ca] = master === undefined ? [] : await Promise.all([read(master, joinToken), read(master, clusterCa)]);
    const { open, close } = joinFileSteps('join-workers', { cluster, host, token, ca, certificateKey: undefined });
    const phase = (name: string, title: string, check: string) => kubeadmJoinPhase(host, 'join-workers', name, title, check);
    return [
      ...open,
      kubeadmPreflight(host, 'join-workers'),
      phase('kubelet-start', 'start the kubelet', kubeletStarted),
      kubeadmJoinRest(host, 'join-workers', ['preflight', 'kubelet-start'], kubeletBootstrapped),
      ...close,
    ];
  },
};
