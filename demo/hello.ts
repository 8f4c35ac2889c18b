/** A small application on the cluster: three copies behind a node port, on masters too. */

import type { KubernetesClient } from '../src/kubernetes/client.ts';
import type { JsonObject } from '../src/model/cluster.ts';
import { waitFor } from './wait-for.ts';

export const helloPort = 30080;
const replicas = 3;
const deploymentPath = '/apis/apps/v1/namespaces/default/deployments/hello';

/** Deploys it, or finds it there, and waits until all its copies are ready. */
export async function deployHello(client: KubernetesClient): Promise<void> {
  await client.apply(deploymentPath, deployment);
  await client.apply('/api/v1/namespaces/default/services/hello', service);
  await waitFor(`${replicas} copies of hello`, 180, async () => readyCopies(await client.get(deploymentPath)) >= replicas);
}

function readyCopies(object: JsonObject | undefined): number {
  const status = object?.status;
  const ready = typeof status === 'object' && status !== null && 'readyReplicas' in status ? status.readyReplicas : 0;
  return typeof ready === 'number' ? ready : 0;
}

const labels = { app: 'hello' };

const deployment: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'hello', namespace: 'default', labels },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        tolerations: [
          { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
          // A copy on a dead machine is replaced after 30 s instead of five minutes.
          { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
          { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
        ],
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'kubernetes.io/hostname',
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: { matchLabels: labels },
          },
        ],
        containers: [
          {
            name: 'hello',
            image: 'trivet.dev/hello:v1',
            imagePullPolicy: 'IfNotPresent',
            ports: [{ containerPort: 8080 }],
            readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 2 },
          },
        ],
      },
    },
  },
};

const service: JsonObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'hello', namespace: 'default', labels },
  spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, targetPort: 8080, nodePort: helloPort }] },
};
