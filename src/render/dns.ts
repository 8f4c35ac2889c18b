/** CoreDNS as the cluster file wants it: on which machines, at most one replica on each, as a Deployment or a DaemonSet. */

import { type ClusterSpec, type DnsOptions, type JsonObject, masters, nodes, workers } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';
import { clientGoTimeouts } from './client-go-timeouts.ts';
import { patchedObject } from './strategic-patch.ts';

/** By these kubectl shows a node's roles. */
export const workerLabel = 'node-role.kubernetes.io/worker';
const masterLabel = 'node-role.kubernetes.io/control-plane';

/** The machines that the file puts DNS on. A master that is a worker too counts as a master. */
export function dnsMachines(cluster: ClusterSpec): readonly Host[] {
  switch (cluster.dns.on) {
    case 'masters':
      return masters(cluster);
    case 'workers':
      return workers(cluster);
    case 'all':
      return nodes(cluster);
  }
}

/**
 * How many pods there are to be. A DaemonSet has one on each machine; a Deployment one on each master, but no more than three
 * among workers or all: a lookup asks one of them, and three outlast two machines.
 */
export function dnsReplicas(cluster: ClusterSpec): number {
  const machines = dnsMachines(cluster).length;
  return cluster.dns.as === 'deployment' && cluster.dns.on !== 'masters' ? Math.min(machines, 3) : machines;
}

/**
 * A strategic merge patch of kubeadm's Deployment, or of the DaemonSet made from it: only what trivet decides. Image, Corefile,
 * Service and resources stay kubeadm's. `kubeadm upgrade` writes its Deployment anew; the next `trivet up` puts this back.
 */
export function dnsPatch(cluster: ClusterSpec): JsonObject {
  const replicas = dnsReplicas(cluster);
  const template = {
    spec: {
      affinity: { $patch: 'replace', ...nodeAffinity(cluster.dns.on), ...(cluster.dns.as === 'deployment' ? oneAMachine : {}) },
      tolerations: tolerations(cluster),
      containers: [{ name: 'coredns', env: clientGoTimeouts }],
    },
  };
  // Half of the machines at a time, each without a gap: one that is down must not hold up the rest.
  if (cluster.dns.as === 'daemonset') return { spec: { updateStrategy: rolling('50%', 0), template } };
  // A single replica is replaced only once the new one is ready; of several one may be missing, for the same reason.
  return { spec: { replicas, strategy: rolling(1, replicas > 1 ? 1 : 0), template } };
}

/** The whole object, for when the cluster has DNS as the other kind so far: its pods, placed anew. */
export function dnsObject(cluster: ClusterSpec, otherSpec: JsonObject): JsonObject {
  const { selector = {}, template = {} } = otherSpec;
  const object = {
    apiVersion: 'apps/v1',
    kind: cluster.dns.as === 'daemonset' ? 'DaemonSet' : 'Deployment',
    metadata: { name: 'coredns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    spec: { selector, template },
  };
  return patchedObject(object, dnsPatch(cluster));
}

/** kube-proxy notices in seconds that its watch leads nowhere. */
export const kubeProxyPatch: JsonObject = { spec: { template: { spec: { containers: [{ name: 'kube-proxy', env: clientGoTimeouts }] } } } };

/** `maxSurge`: so many pods more than usual during a change. */
function rolling(maxSurge: number | string, maxUnavailable: number): JsonObject {
  return { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
}

function nodeAffinity(on: DnsOptions['on']): JsonObject {
  if (on === 'all') return {};
  const role = { key: masterLabel, operator: on === 'masters' ? 'Exists' : 'DoesNotExist' };
  return {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [role] }] } },
  };
}

/**
 * Counted by revision: new pods may start beside the old ones that they replace. Without that a rolling update has no machine
 * left to begin on. (matchLabelKeys: on by default since Kubernetes 1.31, the oldest that reads our kubeadm configuration.)
 */
const oneAMachine: JsonObject = {
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      {
        labelSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        matchLabelKeys: ['pod-template-hash'],
        topologyKey: 'kubernetes.io/hostname',
      },
    ],
  },
};

/** kubeadm's own, and the taints that the file gives to the machines that DNS is wanted on. */
function tolerations(cluster: ClusterSpec): readonly JsonObject[] {
  const declared = dnsMachines(cluster).flatMap((host) =>
    host.taints.map(({ key, value, effect }) => ({ key, operator: 'Equal', ...(value ? { value } : {}), effect })),
  );
  const distinct = new Map(declared.map((toleration) => [JSON.stringify(toleration), toleration]));
  return [{ key: 'CriticalAddonsOnly', operator: 'Exists' }, { key: masterLabel, effect: 'NoSchedule' }, ...distinct.values()];
}
