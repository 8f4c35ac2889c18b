/** Phase: labels and taints as declared, every node Ready, DNS handed over, the endpoint answering. */

import { clusterNodes } from '../facts/cluster-nodes.ts';
import { masters, nodes } from '../model/cluster.ts';
import type { Phase } from '../model/phase.ts';
import type { Step } from '../model/step.ts';
import { dnsHandover } from './addons.ts';
import { founder } from './first-master.ts';
import { completedMaster } from './joining.ts';
import { labelSteps, taintSteps } from './node-labels.ts';

const kubectl = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf'];

export const finish: Phase = {
  name: 'finish',
  summary: 'roles, labels and taints, every node Ready, the endpoint answering',
  usualSeconds: 10,
  order: 'parallel',
  hosts: masters,
  plan: async (input) => {
    const { cluster, host, read } = input;
    const master = await completedMaster(cluster, read);
    if (host !== (master ?? (await founder(cluster, read)))) return [];
    const [known, handover] = await Promise.all([master === undefined ? [] : read(master, clusterNodes([])), dnsHandover(input, master)]);
    const wait = (id: string, title: string, argv: readonly string[], deadlineSeconds: number, hint: string): Step => ({
      id: `finish/${id}`,
      host: host.name,
      title,
      action: { kind: 'wait', argv, everySeconds: 0.5, deadlineSeconds, hint },
    });
    return [
      ...labelSteps(host, cluster, known),
      ...taintSteps(host, cluster, known),
      wait(
        'ready',
        `wait until ${nodes(cluster).length} nodes are Ready`,
        [...kubectl, 'wait', '--for=condition=Ready', '--timeout=2s', ...nodes(cluster).map((node) => `node/${node.name}`)],
        180,
        'kubectl describe node NAME tells what a node still lacks; journalctl -u kubelet on that machine tells why',
      ),
      ...handover,
      wait(
        'endpoint',
        `wait until https://${cluster.endpoint.domain}:${cluster.endpoint.port} answers`,
        [
          'curl',
          '-sf',
          '-o',
          '/dev/null',
          '--max-time',
          '2',
          '--cacert',
          '/etc/kubernetes/pki/ca.crt',
          `https://${cluster.endpoint.domain}:${cluster.endpoint.port}/readyz`,
        ],
        60,
        cluster.scheme.whereToLook,
      ),
    ];
  },
};
