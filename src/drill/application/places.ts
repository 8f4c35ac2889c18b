/** On which nodes the application of a drill may run, and whether they can. */

import { z } from 'zod';
import type { JsonObject } from '../../model/cluster.ts';
import { Failure } from '../../model/failure.ts';

export const masterLabel = 'node-role.kubernetes.io/control-plane';
export const versions = ['v1', 'v2'] as const;
export type Version = (typeof versions)[number];

export function imageOf(version: Version): string {
  return `trivet.dev/hello:${version}`;
}

export interface Place {
  readonly name: string;
  readonly master: boolean;
  readonly ready: boolean;
  /** False when it is cordoned, or has a taint other than the masters' own. */
  readonly schedulable: boolean;
  /** undefined: the kubelet tells only the largest. */
  readonly images: readonly string[] | undefined;
}

/** workers: two or more. worker-then-masters: one worker, and masters for when that is drained. */
export interface Where {
  readonly kind: 'workers' | 'worker-then-masters' | 'masters';
  readonly places: readonly Place[];
}

/** kubelet's nodeStatusMaxImages; the list is by size, and hello is small. */
const mostImagesTold = 50;

const nodeSchema = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
  spec: z
    .object({
      unschedulable: z.boolean().default(false),
      taints: z.array(z.object({ key: z.string(), effect: z.string() })).default([]),
    })
    .prefault({}),
  status: z
    .object({
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
      images: z.array(z.object({ names: z.array(z.string()).nullish() })).default([]),
    })
    .prefault({}),
});

export function readPlace(node: JsonObject): Place {
  const { metadata, spec, status } = nodeSchema.parse(node);
  const taints = spec.taints.filter(({ key, effect }) => effect !== 'PreferNoSchedule' && key !== masterLabel);
  return {
    name: metadata.name,
    master: masterLabel in metadata.labels,
    ready: status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    schedulable: !spec.unschedulable && taints.length === 0,
    images: status.images.length >= mostImagesTold ? undefined : status.images.flatMap(({ names }) => names ?? []),
  };
}

/** A Failure DRILL_EXERCISE when no node can run it, or when one of those that may lacks the image. */
export function whereToRun(all: readonly Place[]): Where {
  const usable = all.filter(({ ready, schedulable }) => ready && schedulable);
  const workers = usable.filter(({ master }) => !master);
  const where: Where =
    workers.length > 1
      ? { kind: 'workers', places: workers }
      : { kind: workers.length === 1 ? 'worker-then-masters' : 'masters', places: usable };
  if (where.places.length === 0) {
    throw new Failure('DRILL_EXERCISE', 'no node can run the application of the drill: none is Ready and free of taints', {
      findings: all.map((place) => `${place.name}: ${place.ready ? 'Ready, but cordoned or tainted' : 'not Ready'}`),
      remedy: 'kubectl get nodes; kubectl uncordon NODE',
    });
  }
  refuseWithoutImages(where.places);
  return where;
}

function refuseWithoutImages(places: readonly Place[]): void {
  const findings = places.flatMap(({ name, images }) => {
    const missing = versions.map(imageOf).filter((image) => images !== undefined && !images.includes(image));
    return missing.length === 0 ? [] : [`${name} lacks ${missing.join(' and ')}`];
  });
  if (findings.length === 0) return;
  throw new Failure('DRILL_EXERCISE', 'the image of the application of the drill is not on every node that may run it', {
    findings,
    remedy:
      'it is in every bundle that trivet makes: name one in the cluster file (bundle:) and run trivet up, or on each node: ctr -n k8s.io images import BUNDLE/images/hello.tar',
  });
}
