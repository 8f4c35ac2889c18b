/** kubeadm's addons as the cluster has them: CoreDNS, by its Deployment or by trivet's DaemonSet, and kube-proxy. */

import type { Json, JsonObject } from '../model/cluster.ts';
import type { Fact } from '../model/fact.ts';
import { Failure } from '../model/failure.ts';

export interface AddonWorkload {
  readonly spec: JsonObject;
  /** Pods that have been ready for long enough to count. */
  readonly available: number;
}

/** undefined: there is none. A user may have left kubeadm's addon out, and brought something else. */
export interface AddonWorkloads {
  readonly dnsDeployment: AddonWorkload | undefined;
  readonly dnsDaemonSet: AddonWorkload | undefined;
  readonly kubeProxy: AddonWorkload | undefined;
}

/** Asked on a completed master. Several tries: while masters join, etcd changes its members and may miss a request. */
export const addonWorkloads: Fact<AddonWorkloads> = {
  name: 'addon-workloads',
  argv: [
    'sh',
    '-c',
    `for i in 1 2 3 4 5; do
  # A try that fails half way has printed what it got.
  all=$(kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=10s -n kube-system get deployment/coredns daemonset/coredns daemonset/kube-proxy --ignore-not-found -o json) && printf '%s\\n' "$all" && exit 0
  sleep 1
done; exit 1`,
  ],
  timeoutSeconds: 60,
  parse: ({ code, stdout, stderr }) => {
    if (code !== 0) {
      throw new Failure('KUBERNETES_UNREACHABLE', `CoreDNS and kube-proxy cannot be looked at: ${stderr.trim().split('\n').at(-1) ?? ''}`, {
        remedy: 'on that master: kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system get deployments,daemonsets',
      });
    }
    return parseWorkloads(stdout);
  },
};

/** From `kubectl get … -o json`: nothing, one object, or a list. */
export function parseWorkloads(json: string): AddonWorkloads {
  const answer: WorkloadList = json.trim() === '' ? {} : JSON.parse(json);
  const objects = answer.items ?? [answer];
  const find = (kind: string, name: string): AddonWorkload | undefined => {
    const object = objects.find((candidate) => candidate.kind === kind && candidate.metadata?.name === name);
    if (object?.spec === undefined) return undefined;
    return { spec: object.spec, available: object.status?.availableReplicas ?? object.status?.numberAvailable ?? 0 };
  };
  return {
    dnsDeployment: find('Deployment', 'coredns'),
    dnsDaemonSet: find('DaemonSet', 'coredns'),
    kubeProxy: find('DaemonSet', 'kube-proxy'),
  };
}

interface Workload {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  readonly spec?: { readonly [key: string]: Json };
  readonly status?: { readonly availableReplicas?: number; readonly numberAvailable?: number };
}

interface WorkloadList extends Workload {
  readonly items?: readonly Workload[];
}
