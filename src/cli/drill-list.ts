/** `trivet drill list`: all drills by group; with a cluster file also whether each is there for it now, and on whom it would act. */

import type { Drill } from '../drill/drills/drill.ts';
import { drills } from '../drill/drills/drills.ts';
import { quorumLeft } from '../drill/run/quorum.ts';
import { drillTools } from '../drill/run/real-tools.ts';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { ClusterStatus } from '../status/cluster-status.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { victimsText } from './drill-plan-text.ts';
import { drillSurroundings } from './drill-session.ts';
import { withCluster } from './with-cluster.ts';

export interface ListedDrill {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  readonly expects: Drill['expects'];
  readonly holdSeconds: number;
  /** What the scheme claims, and this tries to refute. */
  readonly refutes?: string;
  /** On the cluster that was asked; undefined: none was. */
  readonly here?: Here;
}

export type Here =
  | { readonly available: true; readonly victims: readonly string[]; readonly because: string; readonly quorum?: string }
  | { readonly available: false; readonly reason: string };

export async function drillList(options: ClusterOptions & { readonly output?: 'text' | 'json' }): Promise<void> {
  const asked = options.file !== undefined || options.master !== undefined || options.node !== undefined;
  const listed = asked ? await listHere(options) : drills.map((drill) => listedDrill(drill));
  if (options.output === 'json') process.stdout.write(`${JSON.stringify({ drills: listed }, null, 2)}\n`);
  else process.stdout.write(listText(listed));
}

async function listHere(options: ClusterOptions): Promise<readonly ListedDrill[]> {
  return withCluster(options, { bundle: false }, async (session) => {
    const surroundings = drillSurroundings(session);
    const status = await surroundings.look();
    if (!status.healthy) process.stderr.write(`warning: ${status.cluster} is not healthy, so that no drill runs now: trivet status\n`);
    return Promise.all(drills.map(async (drill) => listedDrill(drill, await here(drill, status, surroundings))));
  });
}

/** Asks the victims themselves whether the fault can be put in there. */
export async function here(
  drill: Drill,
  status: ClusterStatus,
  { cluster, connect, power }: Omit<ReturnType<typeof drillSurroundings>, 'look'>,
  { whyNotPossible }: Pick<typeof drillTools, 'whyNotPossible'> = drillTools,
): Promise<Here> {
  const view = { cluster, status };
  const chosen = drill.choose(view);
  if ('notHere' in chosen) return { available: false, reason: chosen.notHere };
  const fault = drill.act.kind === 'fault' ? drill.act.fault : drill.act.masterDown ? 'machine-power-off' : undefined;
  const whyNot = async (victim: Host): Promise<readonly string[]> => {
    if (fault === undefined) return [];
    try {
      const reason = await whyNotPossible({ fault, victim, view, connect, power });
      return reason === undefined ? [] : [`${victim.name}: ${reason}`];
    } catch (error) {
      if (error instanceof Failure) return [`${victim.name}: ${error.message}`];
      throw error;
    }
  };
  const reasons = (await Promise.all(chosen.victims.map(whyNot))).flat();
  if (reasons.length > 0) return { available: false, reason: reasons.join('; ') };
  const quorum = quorumLeft(drill, chosen.victims, view);
  if (quorum?.kept === false && drill.expects !== 'no-writes') return { available: false, reason: quorum.words };
  return {
    available: true,
    victims: chosen.victims.map(({ name }) => name),
    because: chosen.because,
    ...(quorum !== undefined && { quorum: quorum.words }),
  };
}

function listedDrill({ name, group, summary, expects, holdSeconds, refutes }: Drill, found?: Here): ListedDrill {
  return {
    name,
    group,
    summary,
    expects,
    holdSeconds,
    ...(refutes !== undefined && { refutes }),
    ...(found !== undefined && { here: found }),
  };
}

/** By group, in the drills' own order. With a line end. */
export function listText(listed: readonly ListedDrill[]): string {
  const width = Math.max(...listed.map(({ name }) => name.length));
  const groups = [...Map.groupBy(listed, ({ group }) => group)].map(([group, own]) =>
    [group, ...own.map((drill) => `  ${drill.name.padEnd(width)}  ${drill.summary}${hereText(drill, width)}`)].join('\n'),
  );
  return `${groups.join('\n')}\n`;
}

function hereText({ here: found, expects }: ListedDrill, width: number): string {
  const below = `\n  ${' '.repeat(width)}  `;
  const meant = expects === 'no-writes' ? `${below}stops all writes on purpose: wants --i-mean-it` : '';
  if (found === undefined) return meant;
  if (!found.available) return `${below}not here: ${found.reason}`;
  return `${below}here: ${victimsText(found.victims, found.because)}${meant}`;
}
