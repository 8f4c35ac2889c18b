/** Phase: containerd, configured for Kubernetes and running. */

import { surroundings } from '../facts/surroundings.ts';
import { nodes } from '../model/cluster.ts';
import type { Phase } from '../model/phase.ts';
import { containerdConfig } from '../render/containerd.ts';

/** Without a bundle: what kubeadm of this line asks for. */
const defaultPauseImage = 'registry.k8s.io/pause:3.10.1';

export const runtime: Phase = {
  name: 'runtime',
  summary: 'containerd, configured and running',
  usualSeconds: 3,
  order: 'parallel',
  hosts: nodes,
  plan: async ({ cluster, host, read }) => {
    const { appArmor, insideContainer } = await read(host, surroundings);
    return [
      {
        id: 'runtime/config',
        host: host.name,
        title: 'write /etc/containerd/config.toml',
        action: {
          kind: 'file',
          path: '/etc/containerd/config.toml',
          content: containerdConfig({
            sandboxImage: cluster.openBundle?.manifest.pauseImage ?? defaultPauseImage,
            appArmor,
            insideContainer,
          }),
          mode: 0o644,
          owner: 'root:root',
          restarts: 'containerd.service',
        },
      },
      {
        id: 'runtime/containerd',
        host: host.name,
        title: 'run containerd',
        action: { kind: 'service', unit: 'containerd.service', enabled: true, active: true },
      },
    ];
  },
};
