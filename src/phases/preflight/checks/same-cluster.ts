/** Preflight check: machines that belong to this cluster by name also have one and the same CA. */

import type { Check } from '../finding.ts';
import { belongs, isMaster, type Surveyed } from '../survey.ts';

export const sameCluster: Check = ({ cluster, machines }) => {
  const members = machines.filter(({ traces }) => belongs(cluster, traces) && traces?.caSha256 !== undefined);
  const reference = commonest(members);
  if (reference === undefined) return [];
  return members
    .filter(({ traces }) => traces?.caSha256 !== reference.traces?.caSha256)
    .map(({ host, traces }) => ({
      severity: 'error',
      host: host.name,
      check: 'foreign-cluster',
      message: `its cluster CA (${short(traces?.caSha256)}) is not the one of ${reference.host.name} (${short(reference.traces?.caSha256)}): two clusters of the name ${cluster.name}`,
      remedy: 'find out which one is in use; trivet reset the other with a cluster file that names only its machines',
      code: 'FOREIGN_CLUSTER',
    }));
};

/** A machine with the CA that most masters have; the first in the file where that is even. */
function commonest(members: readonly Surveyed[]): Surveyed | undefined {
  const votes = (member: Surveyed) =>
    members.filter(({ host, traces }) => isMaster(host) && traces?.caSha256 === member.traces?.caSha256).length;
  return members.reduce<Surveyed | undefined>(
    (best, member) => (best === undefined || votes(member) > votes(best) ? member : best),
    undefined,
  );
}

function short(digest: string | undefined): string {
  return `sha256:${digest?.slice(0, 12)}`;
}
