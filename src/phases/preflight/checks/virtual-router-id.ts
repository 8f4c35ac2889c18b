/** Preflight check: no other VRRP router on the network uses this cluster's id. */

import { foreignAdverts } from '../../../facts/machine/free-virtual-router-id.ts';
import type { Check } from '../finding.ts';

export const virtualRouterId: Check = ({ cluster, machines, vrrp }) => {
  if (vrrp === undefined) return [];
  if (vrrp.adverts === undefined) {
    return [
      {
        severity: 'warning',
        host: vrrp.from,
        check: 'virtual-router-id',
        message: 'the machine cannot listen for VRRP (neither perl nor python3): whether the id is free is not known',
        remedy: 'choose an id that no other keepalived on this network has: virtualRouterId in the cluster file',
      },
    ];
  }
  const own = new Set(machines.flatMap(({ network }) => network?.addresses ?? []));
  const chosen = 'virtualRouterId' in cluster.schemeOptions ? cluster.schemeOptions.virtualRouterId : undefined;
  const rivals = foreignAdverts(cluster.scheme.vipHosts(cluster), vrrp.adverts).filter(
    (advert) => advert.virtualRouterId === chosen && !own.has(advert.source),
  );
  if (chosen === undefined || rivals.length === 0) return [];
  return [
    {
      severity: 'error',
      check: 'virtual-router-id',
      message: `${[...new Set(rivals.map((advert) => advert.source))].join(', ')} uses the VRRP id ${chosen} on this network (heard by ${vrrp.from})`,
      remedy: 'choose another virtualRouterId in the cluster file, or leave it out: trivet then takes a free one',
    },
  ];
};
