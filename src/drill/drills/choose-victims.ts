/** How drills choose their victims: by who holds, leads or serves now. Pure. */

import { balancers, etcdHosts, masters, workers } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import type { FaultName } from '../faults/fault.ts';
import { losesQuorum, quorumIfLost } from '../faults/quorum.ts';
import { hasMember, whyUnfit } from '../faults/unfit.ts';
import type { Chosen, DrillView, NotHere } from './drill.ts';

export type Choice = Chosen | NotHere;

export const noHost = (notHere: string): NotHere => ({ notHere });

export function one(host: Host | undefined, because: string, otherwise: string): Choice {
  return host === undefined ? { notHere: otherwise } : { victims: [host], because };
}

/** The machine that has the VIP now; undefined where none has it, or where it does not move. */
export function vipHolder({ cluster, status }: DrillView): Host | undefined {
  return cluster.scheme.vipHosts(cluster).find(({ name }) => status.endpoint.holders.includes(name));
}

/** Whether the machine answers and its apiserver serves. */
export function serves({ status }: DrillView, { name }: Host): boolean {
  const machine = status.machines.find((candidate) => candidate.name === name);
  const { apiserver = 0 } = machine ?? {};
  return machine?.unreachable === undefined && ((apiserver >= 200 && apiserver < 300) || apiserver === 401 || apiserver === 403);
}

/** The master whose loss is felt most: the VIP's holder, else the first that serves. */
export function mainMaster(view: DrillView): Choice {
  const holder = vipHolder(view);
  if (holder?.roles.includes('master')) return { victims: [holder], because: 'holds the VIP' };
  return one(
    masters(view.cluster).find((host) => serves(view, host)),
    'is the first master that serves',
    'no master serves',
  );
}

/** Another one than the VIP's holder. */
export function otherMaster(view: DrillView): Choice {
  const holder = vipHolder(view);
  if (holder === undefined || !holder.roles.includes('master')) return noHost('no master holds a VIP: they are all alike');
  return one(
    masters(view.cluster).find((host) => host !== holder && serves(view, host)),
    'serves, but does not hold the VIP',
    'there is no second master that serves',
  );
}

/** One of the machines on which the fault means something: the VIP's holder where it is one, else the first. */
export function fitting(fault: FaultName, view: DrillView): Choice {
  const { cluster } = view;
  const fit = cluster.hosts.filter((host) => whyUnfit(fault, host, cluster) === undefined);
  const holder = vipHolder(view);
  if (holder !== undefined && fit.includes(holder)) return { victims: [holder], because: 'holds the VIP' };
  const [first] = [...fit.filter((host) => host.roles.includes('master') && serves(view, host)), ...fit];
  const reasons = cluster.hosts.map((host) => whyUnfit(fault, host, cluster));
  return one(first, 'is the first on which it can be', reasons[0] ?? 'no machine is fit for it');
}

export function etcdLeader(view: DrillView): Choice {
  const { cluster, status } = view;
  if (cluster.etcd.name === 'foreign') return noHost('etcd is your own, on machines that trivet does not know');
  const leader = status.etcd.members.find((member) => member.leader);
  const host = cluster.hosts.find((candidate) => candidate.name === leader?.name && hasMember(candidate, cluster));
  return one(host, 'leads etcd', 'etcd has no leader now, or on no machine of the cluster file');
}

export function leaseHolder(view: DrillView, of: 'kube-controller-manager' | 'kube-scheduler'): Choice {
  const holder = view.status.leaders.find((lease) => lease.of === of && lease.current)?.holder;
  const host = masters(view.cluster).find(({ name }) => name === holder);
  return one(host, `leads as ${of}`, `no master leads as ${of} now`);
}

export function someWorker(view: DrillView): Choice {
  const up = workers(view.cluster).find(({ name }) =>
    view.status.machines.some((machine) => machine.name === name && machine.node === 'Ready'),
  );
  return one(up, 'is the first worker that is ready', 'there is no worker that is ready');
}

/** Of the machines of role lb, the one that has the VIP. */
export function balancerMachine(view: DrillView): Choice {
  const among = balancers(view.cluster);
  if (among.length === 0) return noHost(`${view.cluster.scheme.variant} has no machines of role lb`);
  if (among.length === 1) return noHost('there is only one machine of role lb');
  return one(
    among.find((host) => host === vipHolder(view)),
    'holds the VIP',
    'no machine of role lb holds the VIP',
  );
}

export function etcdMachine(view: DrillView): Choice {
  const alone = etcdHosts(view.cluster).filter((host) => !host.roles.includes('master'));
  if (view.cluster.etcd.name !== 'hosted' || alone.length === 0) return noHost('etcd has no machines of its own');
  const leader = etcdLeader(view);
  return 'victims' in leader && leader.victims.every((host) => alone.includes(host))
    ? leader
    : one(alone[0], 'is the first machine of etcd', 'etcd has no machines of its own');
}

/** Of these machines, so many that etcd loses its quorum: its leader first, the VIP's holder last, which then tells clients no. */
export function quorumOf(among: readonly Host[], view: DrillView): Choice {
  const { status } = view;
  const count = losesQuorum(status.etcd);
  const healthy = (host: Host) => status.etcd.members.some((member) => member.name === host.name && member.healthy && !member.learner);
  const leader = status.etcd.members.find((member) => member.leader)?.name;
  const holder = vipHolder(view);
  const rank = (host: Host) => (host === holder ? 2 : host.name === leader ? 0 : 1);
  const victims = among
    .filter(healthy)
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, count);
  if (count === 0) return noHost('etcd has no quorum now');
  if (victims.length < count || quorumIfLost(view, victims).holds) return noHost('etcd would keep its quorum without them');
  const { remaining, voters, quorum } = quorumIfLost(view, victims);
  return {
    victims,
    because: `${victims.length === 1 ? 'is' : 'are'} enough: ${remaining} of ${voters} members remain, quorum is ${quorum}`,
  };
}

/** A master that can be missed while something else is done: etcd keeps its quorum, and the endpoint has others. */
export function spareMaster(view: DrillView): Choice {
  const { cluster } = view;
  const serving = masters(cluster).filter((host) => serves(view, host));
  if (serving.length < 2) return noHost('there is no second master that serves');
  const kept = serving.filter((host) => !hasMember(host, cluster) || quorumIfLost(view, [host]).holds);
  const holder = vipHolder(view);
  const main = kept.find((host) => host === holder) ?? kept[0];
  return one(
    main,
    main === holder && main !== undefined ? 'holds the VIP' : 'is the first master that etcd can miss',
    'etcd can miss no master now',
  );
}
