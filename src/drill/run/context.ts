/** What a drill is given by the command that runs it. */

import type { KubernetesAccess } from '../../kubernetes/kubeconfig.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { Connect } from '../../model/connection.ts';
import type { Emit } from '../../model/event.ts';
import type { ClusterStatus } from '../../status/cluster-status.ts';
import type { AgentInput, AgentProgram } from '../agent/agent.ts';
import type { LabPower } from '../faults/fault.ts';

export interface DrillContext {
  readonly cluster: Cluster;
  readonly connect: Connect;
  readonly tunnel: AgentInput['tunnel'];
  /** Asks all machines now. */
  readonly look: () => Promise<ClusterStatus>;
  /** The admin's way in, to the masters' own addresses. */
  readonly access: KubernetesAccess;
  readonly program: AgentProgram;
  readonly power: LabPower | undefined;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Where recordings go: while a drill runs NAME.ndjson, which grows; afterwards NAME.ndjson.gz. */
  readonly recordings: string;
  readonly trivet: string;
}
