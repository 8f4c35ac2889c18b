/** Preflight check: nobody else has the VIP; it lies in a subnet of every machine that may hold it, or, where each node keeps it for itself, in none. */

import { subnetContains } from '../../../facts/machine/subnet.ts';
import type { Cluster } from '../../../model/cluster.ts';
import type { Host } from '../../../model/host.ts';
import type { Check, Finding } from '../finding.ts';
import { belongs, hasOwnAddress, hasVip, type Survey, vipInterface } from '../survey.ts';

export const vip: Check = (survey) => {
  const { cluster } = survey;
  if (hasVip(cluster)) return [...outside(survey), ...carried(survey, cluster.scheme.vipHosts(cluster)), ...answering(survey)];
  if (hasOwnAddress(cluster)) return [...within(survey), ...carried(survey, cluster.scheme.hosts(cluster)), ...answering(survey)];
  return [];
};

/** Free as it may be now: whoever gets it later cannot be reached from the nodes. */
function within({ cluster, machines }: Survey): readonly Finding[] {
  const address = cluster.endpoint.address;
  return machines.flatMap(({ host, network }) => {
    const subnet = network?.subnets.find((candidate) => subnetContains(candidate, address));
    if (subnet === undefined || !cluster.scheme.hosts(cluster).includes(host)) return [];
    return [
      {
        severity: 'warning' as const,
        host: host.name,
        check: 'vip-subnet',
        message: `the endpoint's address ${address}, which each node keeps for itself, lies in the subnet ${subnet.network}/${subnet.prefixLength} of ${subnet.interface}: a machine that is given it there would not be reached from the nodes`,
        remedy: 'choose an address outside all networks that these machines talk to, or leave it out; or keep it free for ever',
      },
    ];
  });
}

function outside({ cluster, machines }: Survey): readonly Finding[] {
  const address = cluster.endpoint.address;
  return machines.flatMap(({ host, network }) => {
    if (!cluster.scheme.vipHosts(cluster).includes(host) || network === undefined) return [];
    const wanted = vipInterface(cluster, host);
    // Another check tells of an interface that does not exist.
    if (wanted !== undefined && network.interfaces.length > 0 && !network.interfaces.includes(wanted)) return [];
    const subnets = network.subnets.filter((subnet) => wanted === undefined || subnet.interface === wanted);
    if (subnets.some((subnet) => subnetContains(subnet, address))) return [];
    const has = subnets.map((subnet) => `${subnet.network}/${subnet.prefixLength} on ${subnet.interface}`).join(', ') || 'none';
    return [
      {
        severity: 'error' as const,
        host: host.name,
        check: 'vip-subnet',
        message: `the VIP ${address} is outside every subnet of ${wanted ?? 'its interfaces'} (${has})`,
        remedy: `choose a free address in the subnet that these machines share (${names(cluster)}), or name its interface in the cluster file`,
      },
    ];
  });
}

function names(cluster: Cluster): string {
  return cluster.scheme
    .vipHosts(cluster)
    .map((host) => host.name)
    .join(', ');
}

/** On one of the machines that keep it it is where it should be. */
function carried({ cluster, machines }: Survey, keepers: readonly Host[]): readonly Finding[] {
  return machines
    .filter(({ network }) => network?.addresses.includes(cluster.endpoint.address))
    .filter(({ host, traces }) => !(keepers.includes(host) && belongs(cluster, traces)))
    .map(({ host }) => ({
      severity: 'error',
      host: host.name,
      check: 'vip-taken',
      message: `the machine has the VIP ${cluster.endpoint.address} already, and trivet did not put it there`,
      remedy: 'stop what keeps it there (systemctl stop keepalived; ip address del), or choose a free address',
    }));
}

/** An answer from a machine of ours is its address, or what the asking one remembers of an earlier cluster. */
function answering({ cluster, machines, vipAnswer }: Survey): readonly Finding[] {
  const answer = vipAnswer?.answer;
  const ours = machines.some(({ network }) => network?.addresses.includes(cluster.endpoint.address));
  if (vipAnswer === undefined || answer === undefined || ours || answer.sameAs.length > 0) return [];
  const virtual = /^00:00:5e:00:01:(..)$/.exec(answer.mac)?.[1];
  const who = virtual === undefined ? '' : `, a VRRP router with the id ${Number.parseInt(virtual, 16)}`;
  return [
    {
      severity: 'error',
      check: 'vip-taken',
      message: `the VIP ${cluster.endpoint.address} is in use: ${answer.mac}${who} answers for it (asked by ${vipAnswer.from})`,
      remedy: 'choose an address that nobody has, outside the range of any DHCP server',
    },
  ];
}
