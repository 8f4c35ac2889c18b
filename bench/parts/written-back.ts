/** The writes of a trial, read back from a master: what was acknowledged must be there. */

import { judgeWrites } from '../../src/drill/judge-writes.ts';
import type { ProbeEvent } from '../../src/drill/probes/probe-event.ts';
import { runLabel } from '../../src/drill/probes/write-probe.ts';
import type { Lab } from '../../src/lab/lab-file.ts';
import type { Trial } from './failover-result.ts';
import { onMachine } from './on-machine.ts';

export const writesNamespace = 'trivet-bench';
const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf';

export async function ensureWritesNamespace(lab: Lab, machine: string): Promise<void> {
  await onMachine(
    lab,
    machine,
    `${kubectl} get namespace ${writesNamespace} > /dev/null 2>&1 || ${kubectl} create namespace ${writesNamespace}`,
  );
}

/** Twice, as the first answer may be an apiserver's that has just lost its etcd; without an answer the gaps still count. */
export async function judgeTrialWrites(
  lab: Lab,
  machine: string,
  run: string,
  events: readonly ProbeEvent[],
): Promise<Pick<Trial, 'acknowledged' | 'lost'>> {
  const numbers = await readBack(lab, machine, run).catch(() => readBack(lab, machine, run).catch(() => undefined));
  const verdict = judgeWrites(events, numbers ?? new Set());
  return { acknowledged: verdict.acknowledged, ...(numbers === undefined ? {} : { lost: verdict.lost.length }) };
}

/** Numbers of the run's writes that are there; then they are removed. */
async function readBack(lab: Lab, machine: string, run: string): Promise<ReadonlySet<number>> {
  const list = `${kubectl} -n ${writesNamespace} get configmaps -l ${runLabel}=${run} -o 'jsonpath={.items[*].data.number}'`;
  const numbers = (await onMachine(lab, machine, list)).split(/\s+/).filter(Boolean).map(Number);
  // As one request: kubectl by itself would send hundreds.
  const collection = `/api/v1/namespaces/${writesNamespace}/configmaps?labelSelector=${encodeURIComponent(`${runLabel}=${run}`)}`;
  await onMachine(lab, machine, `${kubectl} delete --raw '${collection}' > /dev/null`);
  return new Set(numbers);
}
