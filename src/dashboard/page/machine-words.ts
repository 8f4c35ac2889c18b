/** What is said of one machine, in the field's words: each with whether that is good. */

import type { ClusterStatus, MachineStatus } from '../../status/cluster-status.ts';

export interface Word {
  readonly name: string;
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'none';
}

export function wordsOf(machine: MachineStatus, { etcd }: ClusterStatus): readonly Word[] {
  const { node, kubelet, containerd, apiserver, balancer } = machine;
  const member = etcd.members.find(({ name }) => name === machine.name);
  return [
    ...(node === undefined ? [] : [word('node', node, node === 'Ready')]),
    ...(machine.unreachable !== undefined || node === undefined ? [] : [unit('kubelet', kubelet), unit('containerd', containerd)]),
    ...(apiserver === undefined ? [] : [word('apiserver', apiserverWord(apiserver), apiserverWord(apiserver) === 'ready')]),
    ...(member === undefined ? [] : [word('etcd', !member.healthy ? 'down' : member.learner ? 'learner' : 'healthy', member.healthy)]),
    ...(balancer === undefined ? [] : [unit('balancer', balancer)]),
  ];
}

/** 401 and 403 come from clusters without anonymous access: they serve. */
function apiserverWord(status: number): string {
  return (status >= 200 && status < 300) || status === 401 || status === 403 ? 'ready' : status === 0 ? 'no answer' : String(status);
}

function unit(name: string, state: string): Word {
  return word(name, state === '' ? 'unknown' : state, state === 'active');
}

function word(name: string, text: string, good: boolean): Word {
  return { name, text, tone: good ? 'good' : 'bad' };
}

export interface Badge {
  readonly text: string;
  readonly kind: 'leader' | 'victim' | 'second';
}

/** What a machine is beside its roles: who leads, and what is done to it. The VIP has a marker of its own. */
export function badgesOf(
  name: string,
  { etcd, leaders, endpoint }: ClusterStatus,
  victims: Readonly<Record<string, string>>,
): readonly Badge[] {
  const fault = Object.hasOwn(victims, name) ? victims[name] : undefined;
  return [
    ...(fault === undefined ? [] : [{ text: `fault: ${fault}`, kind: 'victim' as const }]),
    ...(endpoint.holders.indexOf(name) > 0 ? [{ text: 'VIP too', kind: 'second' as const }] : []),
    ...(etcd.members.some((member) => member.name === name && member.leader) ? [{ text: 'etcd leader', kind: 'leader' as const }] : []),
    ...leaders
      .filter(({ holder, current }) => current && holder === name)
      .map(({ of }) => ({ text: of.replace('kube-', ''), kind: 'leader' as const })),
  ];
}

/** Whether anything of the machine is bad. */
export function troubled(machine: MachineStatus, status: ClusterStatus): boolean {
  return machine.unreachable !== undefined || wordsOf(machine, status).some(({ tone }) => tone === 'bad');
}
