/** Pods as a drill sees them: whether they serve, and whether an eviction may take them. */

import { z } from 'zod';
import type { JsonObject } from '../../model/cluster.ts';

/** daemon, mirror and finished pods are no matter of a drain; unmanaged and local-data would be lost by one. */
export type DrainKind = 'daemon' | 'mirror' | 'finished' | 'unmanaged' | 'local-data' | 'evictable';

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly node: string | undefined;
  /** It is being deleted. */
  readonly going: boolean;
  readonly ready: boolean;
  readonly image: string;
  readonly drain: DrainKind;
  /** Why it does not serve, in Kubernetes' own words. */
  readonly trouble: string;
}

const conditionSchema = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
});
const stateSchema = z.object({ reason: z.string().optional(), message: z.string().optional() });
const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    deletionTimestamp: z.string().optional(),
    annotations: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.object({ kind: z.string(), controller: z.boolean().optional() })).default([]),
  }),
  spec: z.object({
    nodeName: z.string().optional(),
    volumes: z.array(z.object({ emptyDir: z.unknown().optional() })).default([]),
    containers: z.array(z.object({ image: z.string().default('') })).default([]),
  }),
  status: z
    .object({
      phase: z.string().default('Unknown'),
      conditions: z.array(conditionSchema).default([]),
      containerStatuses: z.array(z.object({ state: z.object({ waiting: stateSchema.optional() }).optional() })).default([]),
    })
    .prefault({}),
});
type PodObject = z.infer<typeof podSchema>;

export function readPod(object: JsonObject): Pod {
  const pod = podSchema.parse(object);
  return {
    name: pod.metadata.name,
    namespace: pod.metadata.namespace,
    uid: pod.metadata.uid,
    node: pod.spec.nodeName,
    going: pod.metadata.deletionTimestamp !== undefined,
    ready: pod.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    image: pod.spec.containers[0]?.image ?? '',
    drain: drainKind(pod),
    trouble: troubleOf(pod),
  };
}

/** As kubectl drain tells them apart without --force and --delete-emptydir-data. */
function drainKind({ metadata, spec, status }: PodObject): DrainKind {
  const controller = metadata.ownerReferences.find((owner) => owner.controller === true);
  if ('kubernetes.io/config.mirror' in metadata.annotations) return 'mirror';
  if (controller?.kind === 'DaemonSet') return 'daemon';
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return 'finished';
  if (controller === undefined) return 'unmanaged';
  return spec.volumes.some(({ emptyDir }) => emptyDir !== undefined) ? 'local-data' : 'evictable';
}

function troubleOf({ status }: PodObject): string {
  const waiting = status.containerStatuses.find(({ state }) => state?.waiting !== undefined)?.state?.waiting;
  const notSo = status.conditions.find(({ type, status: is }) => is === 'False' && (type === 'PodScheduled' || type === 'Ready'));
  const { reason, message } = waiting ?? notSo ?? {};
  return [status.phase, reason, message].filter((word) => word !== undefined && word !== '').join(', ');
}

/** For people: each that does not serve, and why. */
export function troubles(pods: readonly Pod[]): string {
  const words = pods
    .filter(({ ready, going }) => !ready && !going)
    .map(({ name, node, trouble }) => `${name}${node === undefined ? ' on no node yet' : ` on ${node}`} (${trouble})`);
  return words.length === 0 ? '' : `; ${words.join('; ')}`;
}
