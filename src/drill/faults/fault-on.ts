/** What a fault does to a victim: scripts for its machine, or its power in the lab. */

import type { Host } from '../../model/host.ts';
import type { DrillView } from '../drills/drill.ts';
import { clockMoved } from './clock-fault.ts';
import { etcdDiskFull } from './disk-fault.ts';
import { vipDrift } from './endpoint-faults.ts';
import type { FaultName, FaultOnMachine, MachineFault } from './fault.ts';
import { splitProcessFault } from './fault-names.ts';
import { packetDelay, packetFault } from './network-faults.ts';
import { processFault } from './process-faults.ts';
import { reboot } from './reboot-fault.ts';
import { impossible } from './shell-parts.ts';
import { whyUnfit } from './unfit.ts';

/** Pure. Of a fault that means nothing on this victim, `possible` says why. */
export function faultOn(fault: FaultName, victim: Host, { cluster }: Pick<DrillView, 'cluster'>): FaultOnMachine {
  const inLab = cluster.lab !== undefined;
  // A reboot too: a machine of the lab that reboots by itself stays off. Its switch is put on again at once.
  if ((fault === 'machine-power-off' || fault === 'machine-reboot') && inLab) return { kind: 'power', power: 'off' };
  if (fault === 'machine-frozen' && inLab) return { kind: 'power', power: 'frozen' };
  const why = whyUnfit(fault, victim, cluster);
  return why === undefined ? machineFault(fault, victim, { cluster }) : neverPossible(why);
}

/** Without a lab's power switches. A power-off is then a machine that is cut off from everybody, its operator too. */
export function machineFault(fault: FaultName, victim: Host, { cluster }: Pick<DrillView, 'cluster'>): MachineFault {
  const process = splitProcessFault(fault);
  if (process !== undefined) return processFault(process.name, process.mode, cluster);
  switch (fault) {
    case 'machine-power-off':
    case 'machine-isolated':
    case 'machine-deaf':
    case 'machine-mute':
    case 'master-cut-off':
    case 'packet-loss':
    case 'multicast-blocked':
      return packetFault(fault, victim, cluster);
    case 'packet-delay':
      return packetDelay(cluster);
    case 'machine-reboot':
      return cluster.lab === undefined ? reboot : neverPossible('a machine of the lab comes back by its power switch only');
    case 'vip-drift':
      return vipDrift;
    case 'etcd-disk-full':
      return etcdDiskFull(cluster, victim);
    case 'clock-moved':
      return clockMoved;
    default:
      return neverPossible('a whole machine can be frozen in the lab only, by the box that it runs on');
  }
}

function neverPossible(why: string): MachineFault {
  return { kind: 'machine', possible: impossible(why), inject: impossible(why), heal: '', gone: '' };
}
