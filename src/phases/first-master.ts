/** Phase: the first master, by kubeadm init; nothing when the cluster exists already. */

import { completedMarker, kubernetesState } from '../facts/kubernetes-state.ts';
import { surroundings } from '../facts/surroundings.ts';
import { type Cluster, masters } from '../model/cluster.ts';
import type { ReadFact } from '../model/fact.ts';
import type { Host } from '../model/host.ts';
import type { Phase } from '../model/phase.ts';
import type { Step } from '../model/step.ts';
import { initDocuments } from '../render/kubeadm.ts';

const configPath = '/var/lib/trivet/kubeadm-init.yaml';

export const firstMaster: Phase = {
  name: 'first-master',
  summary: 'the first master: certificates, etcd, apiserver',
  usualSeconds: 20,
  order: 'parallel',
  hosts: masters,
  plan: async ({ cluster, host, read }) => {
    if ((await founder(cluster, read)) !== host) return [];
    const machines = await Promise.all(cluster.hosts.map((other) => read(other, surroundings)));
    const documents = initDocuments(cluster, host, {
      cgroupV1: machines.some((machine) => machine.cgroupV1),
      insideContainer: machines.some((machine) => machine.insideContainer),
    });
    const step = (id: string, title: string, action: Step['action']): Step => ({
      id: `first-master/${id}`,
      host: host.name,
      title,
      action,
    });
    return [
      step('config', 'write kubeadm’s configuration', {
        kind: 'file',
        path: configPath,
        content: documents,
        mode: 0o600,
        owner: 'root:root',
      }),
      step('kubeadm-init', 'kubeadm init', {
        kind: 'command',
        argv: ['sh', '-ec', initScript],
        check: ['test', '-f', completedMarker],
        timeoutSeconds: 600,
        hint: 'look at the control plane: journalctl -u kubelet -n 50; ctr -n k8s.io containers ls; tail /var/log/pods/kube-system_*/*/*.log',
      }),
    ];
  },
};

/**
 * The master that founds the cluster; undefined when one is complete already. A half-made one goes on where it
 * stopped (kubeadm init takes up what it finds), so that a second one never founds a second cluster.
 */
export async function founder(cluster: Cluster, read: ReadFact): Promise<Host | undefined> {
  const states = await Promise.all(masters(cluster).map(async (master) => ({ master, state: await read(master, kubernetesState) })));
  if (states.some(({ state }) => state.completed)) return undefined;
  return (states.find(({ state }) => state.begun) ?? states[0])?.master;
}

/** Files of an interrupted init are kept and completed; only then may kubeadm meet its own files and ports. */
const initScript = `
again=
if [ -e /etc/kubernetes/pki/ca.crt ]; then again=--ignore-preflight-errors=all; fi
kubeadm init --config ${configPath} --skip-token-print $again
touch ${completedMarker}
`;
