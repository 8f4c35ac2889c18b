/** Whether a cluster is whole, by `trivet status`, and who leads its etcd, by etcd itself. */

import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Lab } from '../../src/lab/lab-file.ts';
import { masterNames, onMachine } from './on-machine.ts';
import { timedRun, trivetProgram } from './timed-run.ts';

const statusSchema = z.object({
  healthy: z.boolean(),
  problems: z.array(z.string()),
  endpoint: z.object({ holders: z.array(z.string()) }),
  etcd: z.object({ members: z.array(z.object({ name: z.string(), healthy: z.boolean(), learner: z.boolean() })) }),
});

/** What trivet says of its own part when the files of others have taken its place. */
export const ownPartStopped = /^(the balancer|keepalived) on \S+ does not run/;

/** What trivet finds wrong with the cluster (nodes, apiservers, etcd's members, one holder of the VIP); empty: nothing. */
export async function problems(
  clusterFile: string,
  masters: number,
  { signal, ignore }: { readonly signal?: AbortSignal; readonly ignore?: RegExp } = {},
): Promise<readonly string[]> {
  const run = await timedRun([trivetProgram, 'status', '-f', clusterFile, '-o', 'json'], signal);
  const parsed = statusSchema.safeParse(json(run.stdout));
  if (!parsed.success) return [`trivet status: ${run.stderr.trim().split('\n').at(-1)}`];
  const { members } = parsed.data.etcd;
  const started = members.filter((member) => member.name !== '' && member.healthy && !member.learner).length;
  const found = parsed.data.problems.filter((problem) => ignore?.test(problem) !== true);
  return started === masters ? found : [...found, `${started} of ${masters} etcd members are started, healthy and voting`];
}

/**
 * Waits until nothing is wrong and still nothing is wrong after `settleSeconds`; gives the seconds until the former.
 * An Error with what is wrong after the deadline.
 */
export async function untilWhole(
  clusterFile: string,
  masters: number,
  {
    deadlineSeconds,
    settleSeconds,
    ...options
  }: { readonly deadlineSeconds: number; readonly settleSeconds: number; readonly signal?: AbortSignal; readonly ignore?: RegExp },
): Promise<number> {
  const { signal } = options;
  const started = performance.now();
  const passed = () => (performance.now() - started) / 1000;
  let found: readonly string[] = [];
  while (passed() < deadlineSeconds) {
    found = await problems(clusterFile, masters, options);
    if (found.length === 0) {
      const seconds = passed();
      await delay(settleSeconds * 1000, undefined, signal === undefined ? {} : { signal });
      found = await problems(clusterFile, masters, options);
      if (found.length === 0) return seconds;
    }
    await delay(500, undefined, signal === undefined ? {} : { signal });
  }
  throw new Error(`the cluster is not whole after ${deadlineSeconds} s: ${found.join('; ')}`);
}

const vipPattern = /(?:^|\s)192\.0\.2\.100(?:\s|$)/;

/** The one of these machines that has the virtual address; an Error when it is not one. */
export async function holderOfVip(lab: Lab, among: readonly string[] = masterNames(lab)): Promise<string> {
  const addresses = await Promise.all(among.map((name) => onMachine(lab, name, 'hostname -I').catch(() => '')));
  const holders = among.filter((_, index) => vipPattern.test(addresses[index] ?? ''));
  const [holder] = holders;
  if (holder === undefined || holders.length > 1) throw new Error(`the VIP is held by ${holders.join(', ') || 'nobody'}`);
  return holder;
}

/** The master with most of the worker's connections: where a watch through a balancer of its own most likely is. */
export async function busiestForWorker(lab: Lab): Promise<string> {
  // Where the kernel translates the endpoint's address (local-care), sockets know only that one, and the kernel's table the other end.
  const translated =
    "conntrack -L -p tcp --state ESTABLISHED 2> /dev/null | sed -n 's/.* src=\\([0-9.]*\\) dst=[0-9.]* sport=6443.*/\\1:6443/p'";
  const peers = await onMachine(lab, 'w1', `{ ss -Htn state established dport = :6443 | awk '{print $4}'; ${translated}; }`);
  const masters = lab.machines.filter((machine) => machine.role === 'master');
  const count = (address: string) => peers.split('\n').filter((peer) => peer === `${address}:6443`).length;
  const [busiest] = masters.toSorted((a, b) => count(b.address) - count(a.address));
  return busiest?.name ?? 'm1';
}

export interface EtcdLeader {
  /** The machine whose member leads; undefined while there is none. */
  readonly machine: string | undefined;
  readonly term: number;
}

const etcdctl =
  'etcdctl --command-timeout=10s --dial-timeout=3s --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key';

/** Asked on one master, of that master's member. */
export async function etcdLeader(lab: Lab, ask: string): Promise<EtcdLeader> {
  const members = await etcdMembers(lab, ask);
  const status = await onMachine(lab, ask, `${etcdctl} --endpoints=https://127.0.0.1:2379 endpoint status -w json`);
  // Member ids have 64 bits: JSON.parse would round them.
  const leader = BigInt(/"leader":(\d+)/.exec(status)?.[1] ?? '0').toString(16);
  const term = Number(/"raftTerm":(\d+)/.exec(status)?.[1]);
  return { machine: members.find((member) => member.id === leader)?.name, term };
}

/** Moves etcd's leadership to a machine; nothing when it is there already. */
export async function moveEtcdLeader(lab: Lab, to: string): Promise<void> {
  const { machine } = await etcdLeader(lab, to);
  if (machine === to) return;
  const target = (await etcdMembers(lab, to)).find((member) => member.name === to);
  if (machine === undefined || target === undefined) throw new Error(`etcd's leader cannot be moved to ${to}`);
  await onMachine(lab, machine, `${etcdctl} --endpoints=https://127.0.0.1:2379 move-leader ${target.id}`);
}

async function etcdMembers(lab: Lab, ask: string): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const list = await onMachine(lab, ask, `${etcdctl} --endpoints=https://127.0.0.1:2379 member list -w simple`);
  return list
    .trim()
    .split('\n')
    .map((line) => line.split(', '))
    .map(([id = '', , name = '']) => ({ id, name }));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
