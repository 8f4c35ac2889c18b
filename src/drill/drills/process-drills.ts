/** The drills that kill, freeze and restart one process. */

import { type FaultName, type ProcessName, processModes, processNames } from '../faults/fault.ts';
import type { ProcessMode } from '../faults/fault-names.ts';
import { whyUnfit } from '../faults/unfit.ts';
import { type Choice, etcdLeader, fitting, leaseHolder, mainMaster } from './choose-victims.ts';
import type { Drill, DrillView } from './drill.ts';

const of: Readonly<Record<ProcessName, string>> = {
  kubelet: "the kubelet of the VIP's holder, or of a master,",
  containerd: "containerd of the VIP's holder, or of a master,",
  keepalived: "keepalived of the VIP's holder",
  balancer: "the balancer (haproxy, nginx, trivet care) of the VIP's holder, or of a master,",
  etcd: "etcd's leader",
  apiserver: "the apiserver of the VIP's holder, or of a master,",
  'controller-manager': 'the controller manager that leads',
  scheduler: 'the scheduler that leads',
};

const words: Readonly<Record<ProcessMode, string>> = {
  killed: 'killed (SIGKILL)',
  frozen: 'frozen: it lives, and does nothing',
  restarted: 'restarted in good order',
};

export const processDrills: readonly Drill[] = processNames.flatMap((name) => processModes.map((mode) => processDrill(name, mode)));

function processDrill(name: ProcessName, mode: ProcessMode): Drill {
  const fault: FaultName = `${name}-${mode}`;
  const refutes = refuted(fault);
  return {
    name: fault,
    group: 'process',
    summary: `${of[name]} is ${words[mode]}`,
    act: { kind: 'fault', fault },
    ...(refutes === undefined ? {} : { refutes }),
    expects: 'service',
    // A lease is given up after 15 s; a node is called NotReady after 40 s to 50 s.
    holdSeconds: mode !== 'frozen' ? 0 : name === 'kubelet' || name === 'containerd' ? 60 : 30,
    choose: (view) => chooseFor(name, fault, view),
  };
}

function chooseFor(name: ProcessName, fault: FaultName, view: DrillView): Choice {
  switch (name) {
    case 'etcd':
      return etcdLeader(view);
    case 'controller-manager':
    case 'scheduler':
      return leaseHolder(view, `kube-${name}`);
    case 'apiserver':
      return mainMaster(view);
    case 'kubelet':
    case 'containerd':
      return mainMaster(view);
    case 'keepalived':
    case 'balancer': {
      const chosen = fitting(fault, view);
      // The reason that all share, not the one of the first machine.
      const [reason] = view.cluster.hosts
        .map((host) => whyUnfit(fault, host, view.cluster))
        .filter((why) => why?.includes(' on ') === false);
      return 'notHere' in chosen ? { notHere: reason ?? chosen.notHere } : chosen;
    }
  }
}

function refuted(fault: FaultName): Drill['refutes'] {
  switch (fault) {
    case 'apiserver-killed':
    case 'apiserver-frozen':
    case 'kubelet-killed':
    case 'balancer-killed':
      return fault;
    default:
      return undefined;
  }
}
