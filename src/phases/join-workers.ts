/** Phase: the workers, by kubeadm join. */

import { caCertHash, joinToken } from '../facts/join-secrets.ts';
import { kubernetesState } from '../facts/kubernetes-state.ts';
import { workers } from '../model/cluster.ts';
import type { Phase } from '../model/phase.ts';
import { joinDocuments } from '../render/kubeadm.ts';
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
    const token = master === undefined ? joinToken.instead : await read(master, joinToken);
    const hash = master === undefined ? undefined : await read(master, caCertHash);
    const documents = joinDocuments({ cluster, host, token: token?.reveal() ?? '', caCertHash: hash ?? '', certificateKey: undefined });
    const { open, close } = joinFileSteps(host, 'join-workers', documents);
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
