/** Phase: labels and taints as declared, every node Ready, the endpoint answering. */

import { clusterNodes } from '../facts/cluster-nodes.ts';
import { masters, nodes } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';
import type { Phase } from '../model/phase.ts';
import type { Step } from '../model/step.ts';
import { completedMaster } from './joining.ts';

const kubectl = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf'];

export const finish: Phase = {
  name: 'finish',
  summary: 'labels, taints, every node Ready, the endpoint answering',
  usualSeconds: 10,
  order: 'parallel',
  hosts: masters,
  plan: async ({ cluster, host, read }) => {
    const master = await completedMaster(cluster, read);
    if (host !== (master ?? masters(cluster)[0])) return [];
    const known = master === undefined ? [] : await read(master, clusterNodes([]));
    const have = new Map(known.map((node) => [node.name, node]));
    const wait = (id: string, title: string, argv: readonly string[], deadlineSeconds: number, hint: string): Step => ({
      id: `finish/${id}`,
      host: host.name,
      title,
      action: { kind: 'wait', argv, everySeconds: 0.5, deadlineSeconds, hint },
    });
    return [
      ...nodes(cluster).flatMap((node) => [
        ...labelSteps(host, node, have.get(node.name)?.labels ?? {}),
        ...taintSteps(host, node, have.get(node.name)?.taints ?? []),
      ]),
      wait(
        'ready',
        `wait until ${nodes(cluster).length} nodes are Ready`,
        [...kubectl, 'wait', '--for=condition=Ready', '--timeout=2s', ...nodes(cluster).map((node) => `node/${node.name}`)],
        180,
        'kubectl describe node NAME tells what a node still lacks; journalctl -u kubelet on that machine tells why',
      ),
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
        'who holds the address? ip -br address on the masters; journalctl -u keepalived -u trivet-vip-watch',
      ),
    ];
  },
};

function labelSteps(on: Host, node: Host, have: Readonly<Record<string, string>>): readonly Step[] {
  const missing = Object.entries(node.labels).filter(([key, value]) => have[key] !== value);
  return missing.map(([key, value]) => ({
    id: `finish/label-${node.name}-${key}`,
    host: on.name,
    title: `label ${node.name} with ${key}=${value}`,
    action: {
      kind: 'command',
      argv: [...kubectl, 'label', '--overwrite', 'node', node.name, `${key}=${value}`],
      check: [
        'sh',
        '-c',
        `kubectl --kubeconfig /etc/kubernetes/admin.conf get node "$1" -l "$2" -o name | grep -q .`,
        'check',
        node.name,
        `${key}=${value}`,
      ],
      timeoutSeconds: 30,
    },
  }));
}

function taintSteps(on: Host, node: Host, have: readonly string[]): readonly Step[] {
  const wanted = node.taints.map((taint) => `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`);
  return wanted
    .filter((taint) => !have.includes(taint))
    .map((taint) => ({
      id: `finish/taint-${node.name}-${taint}`,
      host: on.name,
      title: `taint ${node.name} with ${taint}`,
      action: {
        kind: 'command',
        argv: [...kubectl, 'taint', '--overwrite', 'node', node.name, taint],
        check: [
          'sh',
          '-c',
          `kubectl --kubeconfig /etc/kubernetes/admin.conf get node "$1" -o 'jsonpath={range .spec.taints[*]}{.key}{"="}{.value}{":"}{.effect}{"\\n"}{end}' | sed 's/=:/:/' | grep -qxF -- "$2"`,
          'check',
          node.name,
          taint,
        ],
        timeoutSeconds: 30,
      },
    }));
}
