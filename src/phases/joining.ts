/** What joining a master and joining a worker have in common. */

import { completedMarker, kubernetesState } from '../facts/kubernetes-state.ts';
import { type Cluster, masters } from '../model/cluster.ts';
import type { ReadFact } from '../model/fact.ts';
import type { Host } from '../model/host.ts';
import { Secret } from '../model/secret.ts';
import type { CommandAction, Step } from '../model/step.ts';
import { discoveryByFile, discoveryKubeconfig, joinDocuments } from '../render/kubeadm.ts';

/** On a tmpfs: gone with a reboot at the latest. */
const joinPath = '/run/trivet/join.yaml';
const discoveryPath = '/run/trivet/discovery.conf';

/** Says that the kubelet was started a second time. */
export const kubeletAgainMark = '/run/trivet/kubelet-again';

/** A master whose Kubernetes is complete, to ask the cluster through; undefined before there is one. */
export async function completedMaster(cluster: Cluster, read: ReadFact): Promise<Host | undefined> {
  const states = await Promise.all(masters(cluster).map(async (master) => ({ master, state: await read(master, kubernetesState) })));
  return states.find(({ state }) => state.completed)?.master;
}

export interface JoinTexts {
  readonly cluster: Cluster;
  readonly host: Host;
  /** undefined in a dry run of a cluster that does not exist yet. */
  readonly token: Secret | undefined;
  readonly ca: string | undefined;
  /** For masters. */
  readonly certificateKey: Secret | undefined;
}

/** The steps around a join: hand over its secrets; note its end and take them away. */
export function joinFileSteps(phase: string, texts: JoinTexts): { readonly open: readonly Step[]; readonly close: readonly Step[] } {
  const { cluster, host } = texts;
  const step = (id: string, title: string, action: Step['action']): Step => ({ id: `${phase}/${id}`, host: host.name, title, action });
  const documents = joinDocuments({
    cluster,
    host,
    discovery: discoveryByFile(discoveryPath, texts.token?.reveal() ?? ''),
    certificateKey: texts.certificateKey?.reveal(),
  });
  const file = (path: string, content: string | Secret): Step['action'] => ({
    kind: 'file',
    path,
    content,
    mode: 0o600,
    owner: 'root:root',
  });
  return {
    open: [
      step('config', 'hand over the join’s token and key', file(joinPath, new Secret(documents))),
      step('discovery', 'hand over the cluster’s CA', file(discoveryPath, discoveryKubeconfig(cluster, texts.ca ?? ''))),
    ],
    // In this order: a machine noted as joined is not looked at again, so nothing secret may be left on it by then.
    close: [
      step('clean', 'take away the join’s token and key', { kind: 'remove', path: joinPath }),
      step('clean-discovery', 'take away the join’s copy of the CA', { kind: 'remove', path: discoveryPath }),
      step('completed', 'note that the machine has joined', {
        kind: 'file',
        path: completedMarker,
        content: '',
        mode: 0o644,
        owner: 'root:root',
      }),
    ],
  };
}

/** kubeadm's own look at the machine. It leaves nothing behind, so a mark says that it was content, or `later`: a file of the next phase. */
export function kubeadmPreflight(host: Host, phase: string, later = '/etc/kubernetes/pki/ca.crt'): Step {
  const mark = '/run/trivet/join-checked';
  const step = kubeadmJoinPhase(host, phase, 'preflight', 'kubeadm checks the machine', `test -e ${mark} || test -e ${later}`);
  return { ...step, action: { ...step.action, argv: ['sh', '-c', `kubeadm join phase preflight --config ${joinPath} && touch ${mark}`] } };
}

/** One phase of kubeadm join as a step; `check` is a shell condition that holds when its work is done. */
export function kubeadmJoinPhase(
  host: Host,
  phase: string,
  name: string,
  title: string,
  check: string,
): Step & { readonly action: CommandAction } {
  return {
    id: `${phase}/${name.replaceAll(' ', '-')}`,
    host: host.name,
    title,
    action: {
      kind: 'command',
      argv: ['kubeadm', 'join', 'phase', ...name.split(' '), '--config', joinPath],
      check: ['sh', '-c', check],
      timeoutSeconds: 420,
      hint: `look at the machine: journalctl -u kubelet -n 50; tail /var/log/pods/kube-system_*/*/*.log`,
    },
  };
}

/** What kubeadm join does after the phases that are done: waits for the kubelet's certificate, marks a master, waits for it to serve. */
export function kubeadmJoinRest(host: Host, phase: string, done: readonly string[], check: string): Step {
  const step = kubeadmJoinPhase(host, phase, 'finish', 'the kubelet gets its certificate, the control plane serves', check);
  return { ...step, action: { ...step.action, argv: ['kubeadm', 'join', '--config', joinPath, `--skip-phases=${done.join(',')}`] } };
}
