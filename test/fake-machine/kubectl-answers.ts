/** kubectl's answers on a master of a fake cluster: nodes, labels, taints, readiness, manifests. */

import { clusterNodes } from '../../src/facts/cluster-nodes.ts';
import type { RunResult } from '../../src/model/connection.ts';
import { appliedManifest, type FakeCluster, type FakeNode, readyNodes, serves } from './fake-cluster.ts';
import type { Answer, FakeMachine } from './fake-machine.ts';

const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf';
const nodesScript = clusterNodes([]).argv[2];

export function kubectlAnswers(cluster: FakeCluster): Answer {
  return (argv, machine) => {
    const line = argv.join(' ');
    const [shell, flags, script = '', name, ...args] = argv;
    const inScript = shell === 'sh' && flags === '-c';
    if (
      !line.startsWith(kubectl) &&
      !(inScript && (script === nodesScript || script.startsWith(kubectl) || script.startsWith(`have=$(${kubectl}`)))
    )
      return undefined;
    if (!machine.files.has('/etc/kubernetes/admin.conf') || !serves(cluster)) return { code: 1, stderr: 'connection refused\n' };
    if (script === nodesScript) return { stdout: nodesJson(cluster) };
    if (inScript && script.includes(' diff -f /var/lib/trivet/cni.yaml')) return { code: machine.files.has(appliedManifest) ? 0 : 1 };
    if (inScript && name === 'labelled') return { code: labelled(cluster, args) ? 0 : 1 };
    if (inScript && (name === 'tainted' || name === 'untainted')) return { code: tainted(cluster, args) === (name === 'tainted') ? 0 : 1 };
    return run(cluster, machine, argv.slice(3));
  };
}

function run(cluster: FakeCluster, machine: FakeMachine, [verb, ...args]: readonly string[]): Partial<RunResult> | undefined {
  const rest = args.filter((arg) => !arg.startsWith('--'));
  switch (verb) {
    case 'wait': {
      const waiting = rest.filter((arg) => !readyNodes(cluster).includes(arg.replace('node/', '')));
      return waiting.length === 0 ? {} : { code: 1, stderr: `timed out waiting for ${waiting.join(', ')}\n` };
    }
    case 'label': {
      const names = rest.slice(1).filter((arg) => !arg.includes('='));
      if (names.some((name) => !cluster.nodes.has(name))) return { code: 1, stderr: 'not found\n' };
      for (const name of names)
        Object.assign(cluster.nodes.get(name)?.labels ?? {}, Object.fromEntries(rest.filter((arg) => arg.includes('=')).map(keyAndValue)));
      return {};
    }
    case 'taint': {
      const taints = cluster.nodes.get(rest[1] ?? '')?.taints;
      const taint = rest[2] ?? '';
      if (taints === undefined) return { code: 1, stderr: 'not found\n' };
      if (taint.endsWith('-')) taints.splice(taints.indexOf(taint.slice(0, -1)), 1);
      else taints.push(taint);
      return {};
    }
    case 'apply':
      if (rest[0] !== '-f' || !machine.files.has(rest[1] ?? '')) return { code: 1 };
      machine.put(appliedManifest, {});
      return {};
    default:
      return undefined;
  }
}

function keyAndValue(text: string): readonly [string, string] {
  const [key = '', value = ''] = text.split('=');
  return [key, value];
}

function labelled(cluster: FakeCluster, [labels = '', ...names]: readonly string[]): boolean {
  return names.every((name) =>
    labels.split(',').every((label) => cluster.nodes.get(name)?.labels[keyAndValue(label)[0]] === keyAndValue(label)[1]),
  );
}

/** undefined: there is no such node. */
function tainted(cluster: FakeCluster, [name = '', taint = '']: readonly string[]): boolean | undefined {
  return cluster.nodes.get(name)?.taints.includes(taint);
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
      conditions: [{ type: 'Ready', status: readyNodes(cluster).includes(name) ? 'True' : 'False' }],
    },
  };
}
