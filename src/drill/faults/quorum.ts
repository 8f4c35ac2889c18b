/** What is left of etcd's quorum when machines are lost, in numbers and words. Pure. */

import type { Host } from '../../model/host.ts';
import type { DrillView } from '../drills/drill.ts';
import type { FaultName } from './fault.ts';
import { hasMember } from './unfit.ts';

export interface QuorumAfter {
  /** Members with a vote, before. */
  readonly voters: number;
  readonly quorum: number;
  /** How many of them answer now, and how many would. */
  readonly healthy: number;
  readonly remaining: number;
  /** Whether writes go on. */
  readonly holds: boolean;
  /** `2 of 3 would remain, quorum is 2: goes`. */
  readonly words: string;
}

/** Whether the member on a victim is lost to the others, at least for a while. */
export function takesMember(fault: FaultName): boolean {
  switch (fault) {
    case 'machine-power-off':
    case 'machine-reboot':
    case 'machine-frozen':
    case 'machine-isolated':
    case 'machine-deaf':
    case 'machine-mute':
    case 'master-cut-off':
    case 'etcd-killed':
    case 'etcd-frozen':
    case 'etcd-restarted':
    case 'etcd-disk-full':
      return true;
    default:
      return false;
  }
}

/** If all these machines' members were lost. A member that is down already is not lost again. */
export function quorumIfLost({ cluster, status: { etcd } }: DrillView, victims: readonly Host[]): QuorumAfter {
  const lost = new Set(victims.filter((host) => hasMember(host, cluster)).map(({ name }) => name));
  const voting = etcd.members.filter(({ learner }) => !learner);
  const remaining = voting.filter(({ name, healthy }) => healthy && !lost.has(name)).length;
  return quorumAfter({ voters: voting.length, healthy: voting.filter(({ healthy }) => healthy).length, remaining });
}

export function quorumAfter({ voters, healthy, remaining }: { voters: number; healthy: number; remaining: number }): QuorumAfter {
  const quorum = Math.floor(voters / 2) + 1;
  const holds = voters > 0 && remaining >= quorum;
  const words = `${remaining} of ${voters} would remain, quorum is ${quorum}: ${holds ? 'goes' : 'no write would be taken'}`;
  return { voters, quorum, healthy, remaining, holds, words };
}

/** How many of those that answer now must be lost at least, so that nothing can be written; 0 when nothing can be already. */
export function losesQuorum({ voters, healthy }: { readonly voters: number; readonly healthy: number }): number {
  return Math.max(0, healthy - Math.floor(voters / 2));
}
