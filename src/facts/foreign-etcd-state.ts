/** What a master's disk says about the user's own etcd: whether its data are this cluster's. */

import type { Fact } from '../model/fact.ts';
import { completedMarker } from './kubernetes-state.ts';

/** Holds the id of the etcd cluster that was empty when this Kubernetes began. Written before the first master begins. */
export const foreignEtcdMark = '/var/lib/trivet/etcd-cluster';

export interface ForeignEtcdState {
  /** kubeadm ran to its end here. */
  readonly completed: boolean;
  /** In decimal, as etcd's gateway tells it; undefined: not noted yet. */
  readonly clusterId: string | undefined;
}

export const foreignEtcdState: Fact<ForeignEtcdState> = {
  name: 'foreign-etcd-state',
  argv: ['sh', '-c', `test -e ${completedMarker} && echo completed; cat ${foreignEtcdMark} 2> /dev/null; true`],
  parse: ({ stdout }) => {
    const lines = stdout.split('\n');
    return { completed: lines.includes('completed'), clusterId: lines.find((line) => /^\d+$/.test(line)) };
  },
};
