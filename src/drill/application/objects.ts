/** What the application of a drill consists of, as Kubernetes' objects. */

import type { JsonObject } from '../../model/cluster.ts';
import { imageOf, masterLabel, type Version, type Where } from './places.ts';

/** On the namespace as a label, and on a node that a drill has cordoned as an annotation: the drill's id. */
export const applicationLabel = 'trivet.dev/drill-application';
export const servicePort = 80;
export const containerPort = 8080;
const labels = { app: 'hello' };

export interface Wanted {
  readonly replicas: number;
  readonly version: Version;
}

/** Apart from the one that the drill's clients write to. */
export function namespaceOf(id: string): string {
  return `trivet-drill-app-${id}`;
}

/** Baseline, so that a cluster whose own default is stricter runs it too. */
export function namespaceObject(id: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespaceOf(id),
      labels: {
        // By this a drill finds the namespaces that were left behind by one that was killed.
        'trivet.dev/drill': 'true',
        [applicationLabel]: id,
        'app.kubernetes.io/managed-by': 'trivet',
        'pod-security.kubernetes.io/enforce': 'baseline',
      },
    },
  };
}

export function serviceObject(namespace: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'hello', namespace, labels },
    spec: { type: 'NodePort', selector: labels, ports: [{ port: servicePort, targetPort: containerPort, protocol: 'TCP' }] },
  };
}

export function budgetObject(namespace: string): JsonObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'hello', namespace, labels },
    spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
  };
}

/** Each new copy serves before an old one goes, and an old one serves on until every node knows that it goes. */
export function deploymentObject(namespace: string, where: Where, { replicas, version }: Wanted): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'hello', namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      minReadySeconds: 1,
      template: { metadata: { labels }, spec: { ...placement(where), ...podSpec(version) } },
    },
  };
}

function podSpec(version: Version): JsonObject {
  return {
    automountServiceAccountToken: false,
    // The image has no shell for a preStop command; hello itself serves on for so long after SIGTERM. A kube-proxy whose apiserver
    // has just died needs some seconds to hear from another one.
    terminationGracePeriodSeconds: 30,
    containers: [
      {
        name: 'hello',
        image: imageOf(version),
        imagePullPolicy: 'IfNotPresent',
        env: [{ name: 'HELLO_LINGER_SECONDS', value: '15' }],
        ports: [{ containerPort }],
        readinessProbe: { httpGet: { path: '/healthz', port: containerPort }, periodSeconds: 1, timeoutSeconds: 2 },
        resources: { requests: { cpu: '10m', memory: '16Mi' } },
      },
    ],
  };
}

function placement({ kind }: Where): JsonObject {
  const worker = { matchExpressions: [{ key: masterLabel, operator: 'DoesNotExist' }] };
  switch (kind) {
    case 'workers':
      return {
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [worker] } } },
        topologySpreadConstraints: [spreadOver('kubernetes.io/hostname')],
        tolerations: deadNode,
      };
    case 'worker-then-masters':
      return {
        affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: worker }] } },
        // In place of the scheduler's own constraint, which would put copies on masters that a drill takes down.
        topologySpreadConstraints: [spreadOver('kubernetes.io/os')],
        tolerations: [...deadNode, ...master],
      };
    case 'masters':
      return { topologySpreadConstraints: [spreadOver('kubernetes.io/hostname')], tolerations: [...deadNode, ...master] };
  }
}

/** A copy on a dead machine is replaced after ten seconds instead of five minutes. */
const deadNode: readonly JsonObject[] = ['unreachable', 'not-ready'].map((key) => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 10,
}));
const master: readonly JsonObject[] = [{ key: masterLabel, operator: 'Exists' }];

/** matchLabelKeys: of a rolling update, the new copies are spread among themselves. */
function spreadOver(topologyKey: string): JsonObject {
  return {
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: labels },
    matchLabelKeys: ['pod-template-hash'],
  };
}
