/** The cluster's nodes as its API tells them, asked on a master. */

import type { Fact } from '../model/fact.ts';
import { Failure } from '../model/failure.ts';

export interface ClusterNode {
  readonly name: string;
  readonly internalAddress: string | undefined;
  /** The range of its pods; undefined until the controller manager gave it one. */
  readonly podCidr: string | undefined;
  readonly ready: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** key=value:Effect or key:Effect. */
  readonly taints: readonly string[];
}

/** Waits, bounded, until every one of `expected` is registered and has a pod range. */
export function clusterNodes(expected: readonly string[]): Fact<readonly ClusterNode[]> {
  return {
    name: `cluster-nodes ${expected.join(',')}`,
    argv: [
      'sh',
      '-c',
      `k="kubectl --kubeconfig /etc/kubernetes/admin.conf"; i=0
while [ $i -lt 60 ]; do
  have=$($k get nodes -o 'jsonpath={range .items[*]}{.metadata.name}={.spec.podCIDR}{"\\n"}{end}' 2>/dev/null)
  missing=0; for n in "$@"; do case "
$have" in *"
$n="[0-9]*) ;; *) missing=1 ;; esac; done
  [ $missing = 0 ] && break; i=$((i + 1)); sleep 0.5
done; exec $k get nodes -o json`,
      'nodes',
      ...expected,
    ],
    timeoutSeconds: 60,
    parse: ({ code, stdout, stderr }) => {
      if (code !== 0) {
        throw new Failure('KUBERNETES_UNREACHABLE', `the nodes cannot be listed: ${stderr.trim().split('\n').at(-1) ?? ''}`, {
          remedy: 'on that master: kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes',
        });
      }
      return parseNodes(stdout);
    },
  };
}

/** From `kubectl get nodes -o json`. */
export function parseNodes(json: string): readonly ClusterNode[] {
  const list: { readonly items: readonly NodeObject[] } = JSON.parse(json);
  return list.items.map((node) => ({
    name: node.metadata.name,
    internalAddress: node.status?.addresses?.find((address) => address.type === 'InternalIP')?.address,
    podCidr: node.spec?.podCIDR,
    ready: node.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false,
    labels: node.metadata.labels ?? {},
    taints: (node.spec?.taints ?? []).map((taint) => `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`),
  }));
}

interface NodeObject {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly podCIDR?: string;
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  };
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}
