/** Looks at every machine before anything is changed and finds everything that would stop the work, at once. */

import type { VrrpAdvert } from '../../facts/machine/vrrp-seen.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { ReadFact } from '../../model/fact.ts';
import { everyCheck } from './checks/every-check.ts';
import type { Finding } from './finding.ts';
import { gatherSurvey } from './gather-survey.ts';

export interface PreflightInput {
  readonly cluster: Cluster;
  readonly read: ReadFact;
  /** Milliseconds since 1970 by the operator's clock. */
  readonly now: () => number;
  /**
   * A cluster of this name is up already: nothing is asked of the network (VRRP, who has the VIP), and of machines that belong
   * to it only what may have changed. A host that is new is looked at in full. Default false.
   */
  readonly existing?: boolean;
}

export interface Preflight {
  /** In the order of the checks; errors and warnings mixed. */
  readonly findings: readonly Finding[];
  /** VRRP adverts that were heard, for freeVirtualRouterId; undefined when nobody listened. */
  readonly vrrp: readonly VrrpAdvert[] | undefined;
}

/** A machine that cannot be reached is a finding; only an abort or a defect is thrown. */
export async function preflight({ cluster, read, now, existing = false }: PreflightInput): Promise<Preflight> {
  const { survey, findings } = await gatherSurvey({ cluster, read, now, existing });
  return { findings: [...findings, ...everyCheck.flatMap((check) => check(survey))], vrrp: survey.vrrp?.adverts };
}
