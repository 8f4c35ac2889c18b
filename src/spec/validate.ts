/** Data of a cluster file, from wherever → ClusterSpec, or everything that is wrong with it at once. */

import type { ClusterSpec } from '../model/cluster.ts';
import { clusterSchema } from './cluster-schema.ts';
import { type PathContext, toClusterSpec } from './cluster-spec.ts';
import type { Finding } from './finding.ts';
import { meaningFindings } from './meaning-findings.ts';
import { shapeFindings } from './shape-findings.ts';

export interface ValidateOptions extends PathContext {
  /** Accept an even number of masters, with a warning. */
  readonly allowEven: boolean;
}

export interface Validated {
  /** Present exactly when there are no findings. */
  readonly spec: ClusterSpec | undefined;
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
}

export function validate(data: unknown, options: ValidateOptions): Validated {
  const parsed = clusterSchema.safeParse(data);
  const shape = parsed.success ? [] : shapeFindings(parsed.error.issues, data);
  const meaning = meaningFindings(data, options.allowEven);
  const findings = [...shape, ...meaning.findings];
  const spec = parsed.success && findings.length === 0 ? toClusterSpec(parsed.data, options) : undefined;
  return { spec, findings, warnings: meaning.warnings };
}
