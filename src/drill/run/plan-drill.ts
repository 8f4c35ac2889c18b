/** Before a drill: whether it may run on this cluster now, on whom, why that one, for how long; refused with the reason. */

import { type Cluster, masters } from '../../model/cluster.ts';
import { Failure } from '../../model/failure.ts';
import type { Host } from '../../model/host.ts';
import type { ClusterStatus } from '../../status/cluster-status.ts';
import type { Chosen, Drill, NotHere } from '../drills/drill.ts';
import { victimNamed } from '../drills/drills.ts';
import type { FaultName } from '../faults/fault.ts';
import type { DrillContext } from './context.ts';
import type { DrillTools } from './drill-tools.ts';
import { quorumLeft } from './quorum.ts';

export interface DrillPlan {
  readonly drill: Drill;
  readonly victims: readonly Host[];
  /** Ends the sentence "m1, because it …". */
  readonly because: string;
  /** What is put on the victims; undefined for an exercise with all machines up. */
  readonly fault: FaultName | undefined;
  /** How long the fault stays in; 0: it heals by itself. */
  readonly holdSeconds: number;
  /** When the machine undoes the fault by itself, whatever becomes of the operator. */
  readonly limitSeconds: number;
  /** undefined: etcd loses no member by it. */
  readonly quorum: string | undefined;
  readonly status: ClusterStatus;
}

export interface PlanOptions {
  /** A victim of the user's choice. */
  readonly victim: string | undefined;
  readonly holdSeconds: number | undefined;
  /** The user knows that no write can be made meanwhile. */
  readonly iMeanIt: boolean;
}

/** A fault that heals by itself is looked at for at most so long; also what clients are waited for beyond the holding. */
export const servedWithinSeconds = 45;
/** For what comes between: the machine's own undo must not come before ours. */
const spareSeconds = 75;
const longestHoldSeconds = 900;

/** A Failure DRILL_REFUSED says all that speaks against it. Asks only the victims, and only whether the fault is possible there. */
export async function planDrill(
  drill: Drill,
  context: Pick<DrillContext, 'cluster' | 'connect' | 'power'>,
  status: ClusterStatus,
  options: PlanOptions,
  tools: Pick<DrillTools, 'whyNotPossible'>,
): Promise<DrillPlan> {
  const { cluster } = context;
  if (!status.healthy) {
    throw refused(drill, `${cluster.name} is not healthy, so that nothing could be told apart from what is wrong already`, {
      findings: status.problems,
      remedy: 'trivet status shows it; make it whole first: trivet up',
    });
  }
  const { victims, because } = choose(drill, context, status, options.victim);
  const fault = drill.act.kind === 'fault' ? drill.act.fault : drill.act.masterDown ? 'machine-power-off' : undefined;
  const quorum = quorumLeft(drill, victims, { cluster, status });
  if (quorum?.kept === false && drill.expects !== 'no-writes') {
    throw refused(drill, quorum.words, {
      remedy: masters(cluster).length < 3 ? 'a control plane of three masters can lose one' : 'choose another victim: --victim HOST',
    });
  }
  if (drill.expects === 'no-writes' && !options.iMeanIt) {
    throw refused(drill, `it costs etcd's quorum on purpose: ${quorum?.words ?? 'no write can be made meanwhile'}`, {
      remedy: 'where nobody needs the cluster, run it again with --i-mean-it',
    });
  }
  if (fault !== undefined) await refuseImpossible(drill, fault, victims, context, status, tools);
  const holdSeconds = holdOf(drill, options.holdSeconds);
  return {
    drill,
    victims,
    because,
    fault,
    holdSeconds,
    limitSeconds: holdSeconds + servedWithinSeconds + spareSeconds + moreSeconds(drill),
    quorum: quorum?.words,
    status,
  };
}

/** An exercise is given so long; a master that is down meanwhile comes back by itself after that. */
export const exerciseSeconds = 300;
/** Of several machines the first is back then, and writes are to be acknowledged again within so long. */
export const writesAgainSeconds = 180;

function moreSeconds({ act, expects }: Drill): number {
  if (act.kind === 'exercise') return exerciseSeconds;
  return expects === 'no-writes' ? writesAgainSeconds : 0;
}

function choose(drill: Drill, { cluster }: Pick<DrillContext, 'cluster'>, status: ClusterStatus, named: string | undefined): Chosen {
  const chosen = named === undefined ? drill.choose({ cluster, status }) : chosenByUser(drill, cluster, named);
  if (!('notHere' in chosen)) return chosen;
  throw refused(drill, chosen.notHere, { remedy: 'trivet drill list -f FILE says which drills there are for this cluster' });
}

function chosenByUser(drill: Drill, cluster: Cluster, named: string): Chosen | NotHere {
  if (!cluster.hosts.some(({ name }) => name === named)) {
    throw new Failure('USAGE', `--victim ${named}: the cluster file names no such host`, {
      remedy: `its hosts are ${cluster.hosts.map(({ name }) => name).join(', ')}`,
    });
  }
  if (drill.expects === 'no-writes') throw new Failure('USAGE', `--victim: ${drill.name} takes several machines by its own choice`);
  if (drill.act.kind === 'exercise' && !drill.act.masterDown) throw new Failure('USAGE', `--victim: ${drill.name} has none`);
  return victimNamed({ cluster }, named, drill);
}

function holdOf(drill: Drill, named: number | undefined): number {
  if (named === undefined) return drill.holdSeconds;
  if (!(named >= 1 && named <= longestHoldSeconds)) {
    throw new Failure('USAGE', `--hold ${named}: a number of seconds from 1 to ${longestHoldSeconds} is wanted`);
  }
  if (drill.holdSeconds === 0) throw new Failure('USAGE', `--hold: what ${drill.name} does heals by itself, so that it cannot be held`);
  return named;
}

async function refuseImpossible(
  drill: Drill,
  fault: FaultName,
  victims: readonly Host[],
  { cluster, connect, power }: Pick<DrillContext, 'cluster' | 'connect' | 'power'>,
  status: ClusterStatus,
  { whyNotPossible }: Pick<DrillTools, 'whyNotPossible'>,
): Promise<void> {
  const reasons = await Promise.all(
    victims.map(async (victim) => {
      try {
        const reason = await whyNotPossible({ fault, victim, view: { cluster, status }, connect, power });
        return reason === undefined ? [] : [`${victim.name}: ${reason}`];
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        // Most likely there is no way to become root.
        return [`${victim.name}: ${error.message}${error.remedy === undefined ? '' : ` (${error.remedy})`}`];
      }
    }),
  );
  const found = reasons.flat();
  if (found.length > 0) throw refused(drill, `${fault} cannot be put in there`, { findings: found });
}

export function refused(
  drill: Drill,
  why: string,
  more: { readonly findings?: readonly string[]; readonly remedy?: string } = {},
): Failure {
  return new Failure('DRILL_REFUSED', `${drill.name} was not begun: ${why}`, more);
}

/** How the fault ends when nobody is there to end it, as a sentence. */
export function undoWords({ drill, holdSeconds, limitSeconds, victims, fault }: DrillPlan): string {
  if (fault === undefined) return 'nothing is broken for it; its own objects are taken away afterwards';
  if (drill.act.kind === 'fault' && holdSeconds === 0) return 'it heals by itself, and is proved to be gone';
  const names = victims.map(({ name }) => name).join(' and ');
  return `if this machine is lost meanwhile, ${names} undo${victims.length === 1 ? 'es' : ''} it alone ${limitSeconds} s after it went in`;
}
