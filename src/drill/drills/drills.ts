/** All drills: what `trivet drill list` shows. */

import { etcdHosts, masters } from '../../model/cluster.ts';
import type { FaultName } from '../faults/fault.ts';
import { whyUnfit } from '../faults/unfit.ts';
import { applicationDrills } from './application-drills.ts';
import {
  balancerMachine,
  type Choice,
  etcdLeader,
  etcdMachine,
  mainMaster,
  noHost,
  otherMaster,
  quorumOf,
  someWorker,
  vipHolder,
} from './choose-victims.ts';
import type { Drill, DrillGroup, DrillView } from './drill.ts';
import { processDrills } from './process-drills.ts';

interface Line {
  readonly name: string;
  readonly fault: FaultName;
  readonly group: DrillGroup;
  readonly summary: string;
  readonly hold: number;
  readonly choose: (view: DrillView) => Choice;
  readonly refutes?: Drill['refutes'];
  readonly expects?: Drill['expects'];
}

const theMaster = "the VIP's holder, or a master,";

const lines: readonly Line[] = [
  {
    name: 'machine-power-off',
    fault: 'machine-power-off',
    group: 'machine',
    summary: `${theMaster} loses its power`,
    hold: 45,
    choose: mainMaster,
    refutes: 'machine-power-off',
  },
  {
    name: 'other-master-power-off',
    fault: 'machine-power-off',
    group: 'machine',
    summary: 'a master without the VIP loses its power',
    hold: 45,
    choose: otherMaster,
  },
  {
    name: 'worker-power-off',
    fault: 'machine-power-off',
    group: 'machine',
    summary: 'a worker loses its power',
    hold: 60,
    choose: someWorker,
  },
  {
    name: 'balancer-power-off',
    fault: 'machine-power-off',
    group: 'machine',
    summary: 'the balancer machine with the VIP loses its power',
    hold: 45,
    choose: balancerMachine,
    refutes: 'balancer-power-off',
  },
  {
    name: 'etcd-machine-power-off',
    fault: 'machine-power-off',
    group: 'machine',
    summary: "the machine of etcd's leader loses its power, where etcd has machines of its own",
    hold: 45,
    choose: etcdMachine,
  },
  { name: 'machine-reboot', fault: 'machine-reboot', group: 'machine', summary: `${theMaster} reboots`, hold: 0, choose: mainMaster },
  {
    name: 'machine-frozen',
    fault: 'machine-frozen',
    group: 'machine',
    summary: `${theMaster} stands still: nothing runs on it, its connections stay open`,
    hold: 45,
    choose: mainMaster,
  },
  {
    name: 'machine-isolated',
    fault: 'machine-isolated',
    group: 'network',
    summary: `${theMaster} is cut off from everybody`,
    hold: 45,
    choose: mainMaster,
    refutes: 'machine-isolated',
  },
  {
    name: 'machine-deaf',
    fault: 'machine-deaf',
    group: 'network',
    summary: `${theMaster} hears nothing, but is heard`,
    hold: 45,
    choose: mainMaster,
  },
  {
    name: 'machine-mute',
    fault: 'machine-mute',
    group: 'network',
    summary: `${theMaster} hears, but is not heard`,
    hold: 45,
    choose: mainMaster,
  },
  {
    name: 'master-cut-off',
    fault: 'master-cut-off',
    group: 'network',
    summary: 'a master is cut off from the other masters, not from clients and workers',
    hold: 45,
    choose: cutOff,
  },
  {
    name: 'packet-loss',
    fault: 'packet-loss',
    group: 'network',
    summary: `${theMaster} loses every fifth packet`,
    hold: 30,
    choose: mainMaster,
  },
  {
    name: 'packet-delay',
    fault: 'packet-delay',
    group: 'network',
    summary: `${theMaster} answers 100 ms later`,
    hold: 30,
    choose: mainMaster,
  },
  {
    name: 'multicast-blocked',
    fault: 'multicast-blocked',
    group: 'network',
    summary: "multicast does not reach the VIP's holder, nor leave it",
    hold: 15,
    choose: keepalivedHolder,
  },
  {
    name: 'vip-drift',
    fault: 'vip-drift',
    group: 'endpoint',
    summary: "keepalived is stopped on the VIP's owner, and started again: drift and failback",
    hold: 15,
    choose: keepalivedHolder,
  },
  {
    name: 'two-masters-down',
    fault: 'machine-power-off',
    group: 'quorum',
    summary: 'so many masters lose their power that etcd has no quorum: writes are refused, nothing is lost',
    hold: 30,
    choose: withoutQuorum,
    expects: 'no-writes',
  },
  {
    name: 'two-etcd-machines-down',
    fault: 'machine-power-off',
    group: 'quorum',
    summary: 'the same, where etcd has machines of its own',
    hold: 30,
    choose: withoutEtcdMachines,
    expects: 'no-writes',
  },
  {
    name: 'etcd-disk-full',
    fault: 'etcd-disk-full',
    group: 'disk',
    summary: "the disk of etcd's leader is full, where it is a small one of its own",
    hold: 30,
    choose: etcdLeader,
  },
  {
    name: 'clock-moved',
    fault: 'clock-moved',
    group: 'clock',
    summary: `the clock of ${theMaster} goes two minutes ahead`,
    hold: 30,
    choose: mainMaster,
  },
];

export const drills: readonly Drill[] = [...lines.map(drillOf), ...processDrills, ...applicationDrills];

export function drillNamed(name: string): Drill | undefined {
  return drills.find((drill) => drill.name === name);
}

/** A victim by the user's own choice, in place of what the drill would choose. */
export function victimNamed({ cluster }: Pick<DrillView, 'cluster'>, name: string, drill?: Drill): Choice {
  const host = cluster.hosts.find((candidate) => candidate.name === name);
  if (host === undefined)
    return noHost(`there is no machine ${name}: there are ${cluster.hosts.map((candidate) => candidate.name).join(', ')}`);
  const why = drill?.act.kind === 'fault' ? whyUnfit(drill.act.fault, host, cluster) : undefined;
  return why === undefined ? { victims: [host], because: 'was named' } : noHost(why);
}

function drillOf({ name, fault, group, summary, hold, choose, refutes, expects = 'service' }: Line): Drill {
  const act = { kind: 'fault', fault } as const;
  return { name, group, summary, act, ...(refutes === undefined ? {} : { refutes }), expects, holdSeconds: hold, choose };
}

function cutOff(view: DrillView): Choice {
  return masters(view.cluster).length < 2 ? noHost('there is only one master') : mainMaster(view);
}

function keepalivedHolder(view: DrillView): Choice {
  const among = view.cluster.scheme.vipHosts(view.cluster);
  if (among.length === 0) return noHost(`${view.cluster.scheme.variant} has no VIP that moves`);
  if (among.length === 1) return noHost(`there is only ${among[0]?.name} to hold the VIP`);
  const holder = vipHolder(view);
  return holder === undefined ? noHost('no machine holds the VIP now') : { victims: [holder], because: 'holds the VIP' };
}

function withoutQuorum(view: DrillView): Choice {
  const all = masters(view.cluster);
  if (view.cluster.etcd.name === 'foreign') return noHost('etcd is your own, on machines that trivet does not know');
  if (all.length < 3) return noHost(`there ${all.length === 1 ? 'is only one master' : 'are only two masters'}`);
  return quorumOf(all, view);
}

function withoutEtcdMachines(view: DrillView): Choice {
  const among = etcdHosts(view.cluster);
  if (view.cluster.etcd.name !== 'hosted' || among.every((host) => host.roles.includes('master')))
    return noHost('etcd has no machines of its own');
  return among.length < 3 ? noHost(`etcd has ${among.length} machines only`) : quorumOf(among, view);
}
