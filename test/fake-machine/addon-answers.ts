/** CoreDNS and kube-proxy in a fake cluster: what kubeadm makes, and how the commands of trivet look at them and change them. */

import { addonWorkloads } from '../../src/facts/addon-workloads.ts';
import type { JsonObject } from '../../src/model/cluster.ts';
import type { RunResult } from '../../src/model/connection.ts';
import { isPatched, patchedObject } from '../../src/render/strategic-patch.ts';
import { type FakeCluster, readyNodes, serves } from './fake-cluster.ts';
import type { Answer } from './fake-machine.ts';

/** What kubeadm init leaves. */
export function makeAddons({ workloads }: FakeCluster): void {
  const container = (name: string) => ({ containers: [{ name, image: `registry.example/${name}` }] });
  const made = {
    'deployment/coredns': { replicas: 2, template: { spec: container('coredns') } },
    'daemonset/kube-proxy': { template: { spec: container('kube-proxy') } },
  };
  for (const [target, spec] of Object.entries(made)) if (!workloads.has(target)) workloads.set(target, spec);
}

export function addonAnswers(cluster: FakeCluster): Answer {
  return (argv, machine, stdin) => {
    const isFact = argv.join('\n') === addonWorkloads.argv.join('\n');
    const [, , script = '', mark, target = '', argument = ''] = argv;
    if (!isFact && (mark !== 'addons' || !script.includes('k() { kubectl '))) return undefined;
    if (!machine.files.has('/etc/kubernetes/admin.conf') || !serves(cluster)) return { code: 1, stderr: 'connection refused\n' };
    return isFact ? { stdout: listed(cluster) } : change(cluster, script, target, argument, stdin);
  };
}

function change(cluster: FakeCluster, script: string, target: string, argument: string, stdin: string): Partial<RunResult> | undefined {
  const { workloads } = cluster;
  const spec = workloads.get(target);
  const holds = (condition: boolean) => ({ code: condition ? 0 : 1 });
  if (script.includes(' diff -f -')) return holds(cluster.applied.has(target));
  if (script.includes(' apply -f -')) {
    cluster.applied.add(target);
    return {};
  }
  if (script.includes('k create -f -')) {
    const object: { readonly kind: string; readonly spec: JsonObject } = JSON.parse(stdin);
    if (`${object.kind.toLowerCase()}/coredns` !== target) return { code: 1, stderr: 'another object\n' };
    workloads.set(target, object.spec);
    return {};
  }
  if (script.includes('k delete ')) return holds(workloads.delete(target));
  if (script.includes('--ignore-not-found')) return holds(script.includes('test -z') ? spec === undefined : spec !== undefined);
  if (script.includes('.status.observedGeneration')) return holds(available(cluster, `${target}/coredns`) >= Number(argument));
  if (spec === undefined) return { code: 1, stderr: 'NotFound\n' };
  if (script.includes('--replicas=0')) {
    workloads.set(target, { ...spec, replicas: 0 });
    return {};
  }
  if (script.includes('{.spec.replicas}/{.status.availableReplicas}')) return holds(spec.replicas === 0 || available(cluster, target) > 0);
  if (!script.includes('k patch ')) return undefined;
  const patch: JsonObject = JSON.parse(argument);
  if (script.includes('--dry-run=server')) return holds(isPatched({ spec }, patch));
  const { spec: after } = patchedObject({ spec }, patch);
  workloads.set(target, JSON.parse(JSON.stringify(after)));
  return {};
}

function listed(cluster: FakeCluster): string {
  const items = [...cluster.workloads].map(([target, spec]) => {
    const [kind, name] = target.split('/');
    const count = available(cluster, target);
    const status = kind === 'deployment' ? (count === 0 ? {} : { availableReplicas: count }) : { numberAvailable: count };
    return { kind: kind === 'deployment' ? 'Deployment' : 'DaemonSet', metadata: { name }, spec, status };
  });
  return JSON.stringify({ kind: 'List', items });
}

function available(cluster: FakeCluster, target: string): number {
  const ready = readyNodes(cluster).length;
  const replicas = cluster.workloads.get(target)?.replicas;
  if (!cluster.workloads.has(target)) return 0;
  return typeof replicas === 'number' ? Math.min(replicas, ready) : ready;
}
