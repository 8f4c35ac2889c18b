/** kubectl's answers on a master of a fake cluster: nodes, labels, taints, readiness, manifests. */

import { clusterNodes } from '../../src/facts/cluster-nodes.ts';
import type { RunResult } from '../../src/model/connection.ts';
import { type FakeCluster, type FakeNode, runs, serves } from './fake-cluster.ts';
import type { Answer, FakeMachine } from './fake-machine.ts';

const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf';
const nodesScript = clusterNodes([]).argv[2];

export function kubectlAnswers(cluster: FakeCluster): Answer {
  return (argv, machine) => {
    const line = argv.join(' ');
    const [shell, flags, script = '', name, ...args] = argv;
    const inScript = shell === 'sh' && flags === '-c';
    if (!line.startsWith(kubectl) && !(inScript && (script === nodesScript || script.startsWith(kubectl)))) return undefined;
    if (!machine.files.has('/etc/kubernetes/admin.conf') || !serves(cluster)) return { code: 1, stderr: 'connection refused\n' };
    if (script === nodesScript) return { stdout: nodesJson(cluster) };
    if (inScript && script.includes(' diff -f /var/lib/trivet/cni.yaml')) return { code: machine.files.has(applied) ? 0 : 1 };
    if (inScript && name === 'check') return has(cluster, script, args);
    return run(cluster, machine, argv.slice(3));
  };
}

const applied = '/var/lib/etcd/applied';

function run(cluster: FakeCluster, machine: FakeMachine, [verb, ...args]: readonly string[]): Partial<RunResult> | undefined {
  const rest = args.filter((arg) => !arg.startsWith('--'));
  switch (verb) {
    case 'wait': {
      const waiting = rest.filter((arg) => !isReady(cluster, arg.replace('node/', '')));
      return waiting.length === 0 ? {} : { code: 1, stderr: `timed out waiting for ${waiting.join(', ')}\n` };
    }
    case 'label':
    case 'taint': {
      const node = cluster.nodes.get(rest[1] ?? '');
      const [key = '', value = ''] = (rest[2] ?? '').split('=');
      if (node === undefined) return { code: 1, stderr: 'not found\n' };
      if (verb === 'label') node.labels[key] = value;
      else node.taints.push(rest[2] ?? '');
      return {};
    }
    case 'apply':
      if (rest[0] !== '-f' || !machine.files.has(rest[1] ?? '')) return { code: 1 };
      machine.put(applied, {});
      return {};
    default:
      return undefined;
  }
}

/** The checks of labels and taints. */
function has(cluster: FakeCluster, script: string, [name = '', wanted = '']: readonly string[]): Partial<RunResult> | undefined {
  const node = cluster.nodes.get(name);
  const [key = '', value] = wanted.split('=');
  if (script.includes('-l "$2" -o name')) return { code: node?.labels[key] === value ? 0 : 1 };
  return script.includes('.spec.taints[*]') ? { code: node?.taints.includes(wanted) === true ? 0 : 1 } : undefined;
}

/** A kubelet reports Ready once it runs and a pod network is configured on its machine. */
function isReady(cluster: FakeCluster, name: string): boolean {
  const machine = cluster.machines.get(name);
  const network = machine?.files.has('/etc/cni/net.d/10-trivet.conflist') === true;
  const manifest = [...cluster.machines.values()].some((other) => other.files.has(applied));
  return cluster.nodes.has(name) && runs(machine, 'kubelet.service') && (network || manifest);
}

function nodesJson(cluster: FakeCluster): string {
  return JSON.stringify({ items: [...cluster.nodes].map(([name, node]) => nodeObject(cluster, name, node)) });
}

function nodeObject(cluster: FakeCluster, name: string, { podCidr, labels, taints, address }: FakeNode) {
  return {
    metadata: { name, labels },
    spec: {
      podCIDR: podCidr,
      taints: taints.map((taint) => {
        const [, key, value, effect] = /^([^=:]+)(?:=([^:]*))?:(.*)$/.exec(taint) ?? [];
        return { key, effect, ...(value === undefined ? {} : { value }) };
      }),
    },
    status: {
      addresses: [{ type: 'InternalIP', address }],
      conditions: [{ type: 'Ready', status: isReady(cluster, name) ? 'True' : 'False' }],
    },
  };
}
