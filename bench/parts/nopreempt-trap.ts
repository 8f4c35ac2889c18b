/** The trap of `nopreempt` with a script's negative weight: the check fails, and the address stays where nothing serves. */

import { setTimeout as delay } from 'node:timers/promises';
import { longestGap } from '../../src/drill/longest-gap.ts';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import type { KubernetesAccess } from '../../src/kubernetes/kubeconfig.ts';
import type { Lab } from '../../src/lab/lab-file.ts';
import { holderOfVip, ownPartStopped, untilWhole } from './cluster-state.ts';
import type { SetResult } from './failover-result.ts';
import { masterNames, onMachine } from './on-machine.ts';
import { patienceOfTrivet, startClients, stopClients, untilServed } from './power-cut.ts';
import { reachOf, type Variant } from './variant.ts';

const seconds = 20;

export interface TrapInput {
  readonly lab: Lab;
  readonly clusterFile: string;
  readonly access: KubernetesAccess;
  readonly variant: Variant;
  readonly signal: AbortSignal;
}

/** Kills the holder's apiserver and keeps it dead for 20 s. */
export async function nopreemptTrap({ lab, clusterFile, access, variant, signal }: TrapInput): Promise<NonNullable<SetResult['trap']>> {
  await untilWhole(clusterFile, masterNames(lab).length, { deadlineSeconds: 300, settleSeconds: 0, signal, ignore: ownPartStopped });
  const holder = await holderOfVip(lab);
  const reach = reachOf(variant, lab);
  const running = startClients({
    ...{ lab: lab.name, access, reach, patience: patienceOfTrivet, run: 'trap' },
    outside: ['new connections'],
    worker: [],
  });
  try {
    await untilServed(running, signal);
    const startMs = monotonicMs();
    await onMachine(lab, holder, 'mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/ && kill -9 $(pgrep -x kube-apiserver)');
    await delay(seconds * 1000, undefined, { signal });
    const window = { startMs, endMs: monotonicMs() };
    const holders = await Promise.all(masterNames(lab).map((name) => onMachine(lab, name, 'hostname -I')));
    const holdersAfter = masterNames(lab).filter((_, index) => holders[index]?.split(/\s+/).includes('192.0.2.100'));
    const events = await running.outside.probes.stop();
    const gap = longestGap(
      events.filter((event) => event.probe === 'new connections'),
      window,
    );
    const recovered = gap.firstSuccessMs !== undefined;
    return { holder, holdersAfter, seconds: (window.endMs - startMs) / 1000, livezGapMs: Math.round(gap.lengthMs), recovered };
  } finally {
    await stopClients(running);
    await onMachine(lab, holder, 'if [ -e /root/kube-apiserver.yaml ]; then mv /root/kube-apiserver.yaml /etc/kubernetes/manifests/; fi');
  }
}
