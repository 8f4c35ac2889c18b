/** A process killed, frozen or restarted: a systemd unit, or a static pod of kubeadm's. */

import type { Cluster } from '../../model/cluster.ts';
import type { MachineFault, ProcessName } from './fault.ts';
import type { ProcessMode } from './fault-names.ts';
import { staticPodFault } from './static-pod-faults.ts';
import { unitFault } from './unit-faults.ts';

export function processFault(name: ProcessName, mode: ProcessMode, cluster: Cluster): MachineFault {
  switch (name) {
    case 'kubelet':
    case 'keepalived':
      return unitFault(`${name}.service`, mode);
    case 'containerd':
      // The shims of running containers stand in its cgroup; they are not the daemon.
      return unitFault('containerd.service', mode, { mainOnly: true });
    case 'balancer':
      return unitFault(cluster.scheme.name === 'local-care' ? 'trivet-care.service' : 'trivet-balancer.service', mode);
    case 'etcd':
      return cluster.etcd.name === 'hosted' ? unitFault('trivet-etcd.service', mode) : staticPodFault('etcd', mode);
    case 'apiserver':
    case 'controller-manager':
    case 'scheduler':
      return staticPodFault(`kube-${name}`, mode);
  }
}
