/** What preflight reports, and the rule for what the user asked to ignore. */

import type { ClusterSpec } from '../../model/cluster.ts';
import type { FailureCode } from '../../model/failure-codes.ts';
import type { Survey } from './survey.ts';

export type Severity = 'error' | 'warning';

export interface Finding {
  /** error: `up` must not begin. */
  readonly severity: Severity;
  /** undefined: about the cluster, or the network between the machines. */
  readonly host?: string;
  /** kebab-case, stable: swap, ports, foreign-cluster. */
  readonly check: string;
  /** What is the case, without the host's name and without a full stop. */
  readonly message: string;
  /** The next thing to do. */
  readonly remedy: string;
  /** The failure that it stands for, where there is a more exact one than PREFLIGHT. */
  readonly code?: FailureCode;
}

/** A pure judgement over everything that was gathered. */
export type Check = (survey: Survey) => readonly Finding[];

/** error, or warning where the file's ignorePreflightErrors has kubeadm's name of the check (or `all`). */
export function unlessIgnored(cluster: ClusterSpec, name: string): Severity {
  const ignored = cluster.kubernetes.ignorePreflightErrors.map((entry) => entry.toLowerCase());
  return ignored.includes(name.toLowerCase()) || ignored.includes('all') ? 'warning' : 'error';
}
