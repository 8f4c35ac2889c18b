/** A cluster in memory behind the client's interface: nodes, and a Deployment whose pods come and go a step with each request. */

import { z } from 'zod';
import type { ApiAnswer, KubernetesClient } from '../../../src/kubernetes/client.ts';
import type { ApiRequest } from '../../../src/kubernetes/request.ts';
import type { JsonObject } from '../../../src/model/cluster.ts';
import { Failure } from '../../../src/model/failure.ts';

export interface SimulatedNode {
  readonly name: string;
  readonly master: boolean;
  ready: boolean;
  cordonedBy: string | undefined;
  unschedulable: boolean;
  images: readonly string[];
}

export interface SimulatedPod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly node: string | undefined;
  readonly image: string;
  readonly owner: 'ReplicaSet' | 'DaemonSet' | 'none';
  readonly emptyDir?: boolean;
  going: boolean;
  ready: boolean;
}

export interface SimulatedCluster {
  readonly client: KubernetesClient;
  readonly nodes: SimulatedNode[];
  readonly pods: SimulatedPod[];
  /** Names of those that are there, ending ones included. */
  readonly namespaces: Map<string, { readonly labels: JsonObject; going: boolean }>;
  /** METHOD path of all that was asked. */
  readonly asked: string[];
  /** How it misbehaves; may be changed at any time. */
  readonly faults: {
    /** New pods of this image never become ready. */
    brokenImage?: string;
    /** The namespace stays. */
    namespaceStays?: boolean;
    /** The disruption budget that forbids the eviction of this pod. */
    protectedPod?: string;
    /** So many of the next requests that match are answered so instead. */
    instead?: { readonly match: RegExp; times: number; readonly answer: ApiAnswer | 'unreachable' };
    /** What a pod says when it is asked, instead of its own version. */
    says?: string;
  };
}

const hello = ['trivet.dev/hello:v1', 'trivet.dev/hello:v2'];
const deploymentSchema = z.object({
  spec: z.object({
    replicas: z.number(),
    template: z.object({ spec: z.object({ containers: z.array(z.object({ image: z.string() })) }) }),
  }),
});
const namespaceSchema = z.object({ metadata: z.object({ labels: z.record(z.string(), z.json()) }) });
const nodePatchSchema = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string().nullable()) }),
  spec: z.object({ unschedulable: z.boolean().nullable() }),
});

export function simulatedCluster({ masters, workers }: { readonly masters: number; readonly workers: number }): SimulatedCluster {
  const node = (name: string, master: boolean): SimulatedNode => ({
    name,
    master,
    ready: true,
    cordonedBy: undefined,
    unschedulable: false,
    images: hello,
  });
  const cluster = {
    nodes: [
      ...Array.from({ length: masters }, (_, index) => node(`m${index + 1}`, true)),
      ...Array.from({ length: workers }, (_, index) => node(`w${index + 1}`, false)),
    ],
    pods: [] as SimulatedPod[],
    namespaces: new Map<string, { readonly labels: JsonObject; going: boolean }>(),
    asked: [] as string[],
    faults: {} satisfies SimulatedCluster['faults'],
  };
  let wanted = { namespace: '', replicas: 0, image: '' };
  let made = 0;

  /** As the controllers and the scheduler would, one thing at a time. */
  function step(): void {
    const faults: SimulatedCluster['faults'] = cluster.faults;
    keep(({ going }) => !going);
    const live = cluster.pods.filter(({ namespace }) => namespace === wanted.namespace);
    for (const pod of live) pod.ready ||= pod.node !== undefined && pod.image !== faults.brokenImage;
    for (const [name, { going }] of cluster.namespaces) {
      if (!going || faults.namespaceStays) continue;
      keep(({ namespace }) => namespace !== name);
      cluster.namespaces.delete(name);
    }
    if (cluster.namespaces.get(wanted.namespace)?.going !== false) return;
    const [fresh, old] = [live.filter(({ image }) => image === wanted.image), live.filter(({ image }) => image !== wanted.image)];
    const extra = fresh.find((_, index) => index >= wanted.replicas);
    if (fresh.length < wanted.replicas && live.length < wanted.replicas + 1) add();
    else if (extra !== undefined) extra.going = true;
    else if (old[0] !== undefined && live.every(({ ready }) => ready)) old[0].going = true;
  }

  function keep(stays: (pod: SimulatedPod) => boolean): void {
    cluster.pods.splice(0, cluster.pods.length, ...cluster.pods.filter(stays));
  }

  function add(): void {
    const load = (name: string) => cluster.pods.filter((pod) => pod.node === name).length;
    const [place] = cluster.nodes
      .filter(({ ready, unschedulable }) => ready && !unschedulable)
      .toSorted((a, b) => Number(a.master) - Number(b.master) || load(a.name) - load(b.name));
    made += 1;
    cluster.pods.push({
      name: `hello-${made}`,
      namespace: wanted.namespace,
      uid: `uid-${made}`,
      node: place?.name,
      image: wanted.image,
      owner: 'ReplicaSet',
      going: false,
      ready: false,
    });
  }

  const routes: readonly (readonly [RegExp, (match: readonly string[], request: ApiRequest) => JsonObject | number])[] = [
    [/^GET \/api\/v1\/nodes$/, () => ({ items: cluster.nodes.map(nodeObject) })],
    [
      /^GET \/api\/v1\/nodes\/(\w+)$/,
      ([, name]) =>
        objectOr404(
          cluster.nodes.find((one) => one.name === name),
          nodeObject,
        ),
    ],
    [
      /^PATCH \/api\/v1\/nodes\/(\w+)$/,
      ([, name], { body }) => {
        const { metadata, spec } = nodePatchSchema.parse(body);
        const found = cluster.nodes.find((one) => one.name === name);
        if (found === undefined) return 404;
        found.cordonedBy = Object.values(metadata.annotations)[0] ?? undefined;
        found.unschedulable = spec.unschedulable ?? false;
        return nodeObject(found);
      },
    ],
    [
      /^GET \/api\/v1\/namespaces\?labelSelector=(\S+)$/,
      ([, label = '']) => ({
        items: [...cluster.namespaces]
          .filter(([, { labels }]) => decodeURIComponent(label) in labels)
          .map(([name, { labels }]) => ({ metadata: { name, labels } })),
      }),
    ],
    [
      /^PATCH \/api\/v1\/namespaces\/([\w-]+)\?/,
      ([, name = ''], { body }) => {
        cluster.namespaces.set(name, { labels: namespaceSchema.parse(body).metadata.labels, going: false });
        return {};
      },
    ],
    [
      /^(GET|DELETE) \/api\/v1\/namespaces\/([\w-]+)$/,
      ([, method, name = '']) => {
        const found = cluster.namespaces.get(name);
        if (found === undefined) return 404;
        if (method === 'DELETE' && found.going) return 409;
        if (method === 'DELETE') found.going = true;
        return { metadata: { name, ...(found.going ? { deletionTimestamp: 'now' } : {}) } };
      },
    ],
    [
      /^PATCH \/apis\/apps\/v1\/namespaces\/([\w-]+)\/deployments\/hello\?/,
      ([, namespace = ''], { body }) => {
        const { replicas, template } = deploymentSchema.parse(body).spec;
        wanted = { namespace, replicas, image: template.spec.containers[0]?.image ?? '' };
        return {};
      },
    ],
    [/^PATCH .*\/services\/hello\?/, () => ({ spec: { clusterIP: '10.96.0.77', ports: [{ port: 80, nodePort: 31000 }] } })],
    [/^PATCH .*\/poddisruptionbudgets\/hello\?/, () => ({})],
    [
      /^GET \/api\/v1\/namespaces\/([\w-]+)\/pods$/,
      ([, namespace]) => ({ items: cluster.pods.filter((pod) => pod.namespace === namespace).map(podObject) }),
    ],
    [
      /^GET \/api\/v1\/pods\?fieldSelector=spec\.nodeName%3D(\w+)$/,
      ([, name]) => ({ items: cluster.pods.filter((pod) => pod.node === name).map(podObject) }),
    ],
    [
      /^POST .*\/pods\/([\w-]+)\/eviction$/,
      ([, name]) => {
        const faults: SimulatedCluster['faults'] = cluster.faults;
        if (faults.protectedPod === name) return 429;
        const found = cluster.pods.find((pod) => pod.name === name);
        if (found === undefined) return 404;
        found.going = true;
        return {};
      },
    ],
    [
      /^DELETE .*\/pods\/([\w-]+)$/,
      ([, name]) => {
        const before = cluster.pods.length;
        keep((pod) => pod.name !== name);
        return cluster.pods.length < before ? {} : 404;
      },
    ],
    [
      /^GET .*\/pods\/http:([\w-]+):8080\/proxy\/$/,
      ([, name]) => {
        const faults: SimulatedCluster['faults'] = cluster.faults;
        return objectOr404(
          cluster.pods.find((pod) => pod.name === name),
          (pod) => ({ text: `hello ${faults.says ?? pod.image.split(':')[1] ?? ''} from ${pod.name}\n` }),
        );
      },
    ],
  ];

  async function request(asked: ApiRequest): Promise<ApiAnswer> {
    if (asked.signal?.aborted) throw new Failure('INTERRUPTED', `${asked.path} was stopped`);
    const line = `${asked.method} ${asked.path}`;
    cluster.asked.push(line);
    step();
    const { instead }: SimulatedCluster['faults'] = cluster.faults;
    if (instead !== undefined && instead.times > 0 && instead.match.test(line)) {
      instead.times -= 1;
      if (instead.answer === 'unreachable') throw new Failure('KUBERNETES_UNREACHABLE', `no apiserver answers ${line}`);
      return instead.answer;
    }
    for (const [pattern, answer] of routes) {
      const match = pattern.exec(line);
      if (match === null) continue;
      const body = answer(match, asked);
      return typeof body === 'number' ? { status: body, body: { message: `simulated ${body}` } } : { status: 200, body };
    }
    throw new Error(`the simulated cluster does not know ${line}`);
  }

  return { ...cluster, client: clientOf(request) };
}

function objectOr404<T>(found: T | undefined, show: (found: T) => JsonObject): JsonObject | number {
  return found === undefined ? 404 : show(found);
}

function nodeObject({ name, master, ready, cordonedBy, unschedulable, images }: SimulatedNode): JsonObject {
  const label = 'node-role.kubernetes.io/control-plane';
  return {
    metadata: {
      name,
      labels: master ? { [label]: '' } : {},
      annotations: cordonedBy === undefined ? {} : { 'trivet.dev/drill-application': cordonedBy },
    },
    spec: { ...(unschedulable ? { unschedulable } : {}), taints: master ? [{ key: label, effect: 'NoSchedule' }] : [] },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }], images: images.map((image) => ({ names: [image] })) },
  };
}

function podObject(pod: SimulatedPod): JsonObject {
  return {
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      uid: pod.uid,
      ...(pod.going ? { deletionTimestamp: 'now' } : {}),
      ...(pod.owner === 'none' ? {} : { ownerReferences: [{ kind: pod.owner, controller: true }] }),
    },
    spec: {
      ...(pod.node === undefined ? {} : { nodeName: pod.node }),
      containers: [{ image: pod.image }],
      ...(pod.emptyDir ? { volumes: [{ name: 'cache', emptyDir: {} }] } : {}),
    },
    status: {
      phase: pod.ready ? 'Running' : 'Pending',
      conditions: [{ type: 'Ready', status: pod.ready ? 'True' : 'False' }],
      ...(pod.ready ? {} : { containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } }] }),
    },
  };
}

function clientOf(request: KubernetesClient['request']): KubernetesClient {
  const none = () => Promise.reject(new Error('drills on an application use request() alone'));
  return {
    request,
    get: none,
    list: none,
    create: none,
    update: none,
    apply: none,
    patch: none,
    delete: none,
    watch: async function* () {
      yield* [];
    },
    close: () => undefined,
  };
}
