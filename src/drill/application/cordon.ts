/** Closes a node to new pods, and opens again what a drill has closed. */

import type { JsonObject } from '../../model/cluster.ts';
import type { ApiCalls } from './api-calls.ts';
import { applicationLabel } from './objects.ts';

/** The annotation tells a drill's cordon from a person's, also when the operator's machine is lost. */
export async function cordon(api: ApiCalls, node: string, id: string): Promise<void> {
  await api.patch(pathOf(node), { metadata: { annotations: { [applicationLabel]: id } }, spec: { unschedulable: true } });
}

/** Only if this drill did it. */
export async function uncordon(api: ApiCalls, node: string, id: string): Promise<void> {
  const object = await api.get(pathOf(node));
  if (object === undefined || drillOf(object) !== id) return;
  await api.patch(pathOf(node), { metadata: { annotations: { [applicationLabel]: null } }, spec: { unschedulable: null } });
}

/** The drill that has cordoned this node; undefined: none. */
export function drillOf({ metadata }: JsonObject): string | undefined {
  if (!isObject(metadata) || !isObject(metadata.annotations)) return undefined;
  const id = metadata.annotations[applicationLabel];
  return typeof id === 'string' ? id : undefined;
}

function pathOf(node: string): string {
  return `/api/v1/nodes/${node}`;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
