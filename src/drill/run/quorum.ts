/** What a drill leaves of etcd's quorum, before its fault goes in: counted and said. */

import type { Host } from '../../model/host.ts';
import type { Drill, DrillView } from '../drills/drill.ts';
import { quorumIfLost, takesMember } from '../faults/quorum.ts';
import { hasMember } from '../faults/unfit.ts';

export interface QuorumLeft {
  readonly kept: boolean;
  /** `etcd has 3 members with a vote and 3 of them answer; without m1 2 of 3 would remain, quorum is 2: goes` */
  readonly words: string;
}

/** undefined where the drill takes no member from etcd. A member that does not answer now counts as lost already. */
export function quorumLeft({ act, expects }: Drill, victims: readonly Host[], view: DrillView): QuorumLeft | undefined {
  const takes = expects === 'no-writes' || (act.kind === 'exercise' ? act.masterDown : takesMember(act.fault));
  const members = takes ? victims.filter((host) => hasMember(host, view.cluster)) : [];
  if (members.length === 0) return undefined;
  const { holds, voters, healthy, words } = quorumIfLost(view, members);
  const votes = `${voters} ${voters === 1 ? 'member' : 'members'} with a vote`;
  return {
    kept: holds,
    words: `etcd has ${votes} and ${healthy} answer; without ${members.map(({ name }) => name).join(' and ')} ${words}`,
  };
}
