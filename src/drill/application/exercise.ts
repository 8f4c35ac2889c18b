/** What is done to an application that runs in the cluster while its requests are counted (seed 004). */

import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { ClusterStatus } from '../../status/cluster-status.ts';

export const exercises = ['scale', 'rolling-update', 'self-healing', 'node-drain'] as const;
export type Exercise = (typeof exercises)[number];

export interface Application {
  /** Plain HTTP, answered by any node at this port (NodePort). */
  readonly nodePort: number;
  /** The Service's own address, port 80: reachable from the cluster's machines only. */
  readonly clusterIp: string;
  /** Does the exercise once and waits until it is complete; says in words what was done. A Failure DRILL_EXERCISE names what did not come about. */
  readonly exercise: (exercise: Exercise, signal: AbortSignal) => Promise<string>;
  /** Takes all of it away: its namespace, and what a drain did to a node. */
  readonly remove: () => Promise<void>;
}

export interface ApplicationInput {
  readonly client: KubernetesClient;
  readonly status: ClusterStatus;
  /** The drill's own: tells its objects from those of others. */
  readonly id: string;
  readonly signal: AbortSignal;
}
