/** Asks every machine of a cluster, and through the masters the cluster itself, how they do right now. */

import { type BalancerHealth, balancerHealth } from '../facts/balancer.ts';
import { careHealth } from '../facts/care-health.ts';
import { clusterNodes } from '../facts/cluster-nodes.ts';
import { etcdMembers } from '../facts/etcd-members.ts';
import { leaderLeases } from '../facts/leader-leases.ts';
import { type MachineHealth, machineHealth } from '../facts/machine-health.ts';
import { type Cluster, etcdHosts, masters } from '../model/cluster.ts';
import type { Connect } from '../model/connection.ts';
import type { Fact } from '../model/fact.ts';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import { type Gathered, hasBalancer } from './cluster-status.ts';

/** A machine that cannot be asked is told by its reason; whoever else may know is asked in its place. */
export async function gatherStatus(cluster: Cluster, connect: Connect): Promise<Gathered> {
  const machines = new Map<string, MachineHealth | string>();
  const balancers = new Map<string, BalancerHealth>();
  await Promise.all(
    cluster.hosts.map(async (host) => {
      machines.set(host.name, await readOrReason(connect, host, machineHealth(host.internalAddress, cluster.endpoint)));
      if (!hasBalancer(cluster, host) || typeof machines.get(host.name) === 'string') return;
      const balancer = await readOrReason(connect, host, cluster.scheme.name === 'local-care' ? careHealth(cluster) : balancerHealth);
      if (typeof balancer !== 'string') balancers.set(host.name, balancer);
    }),
  );
  // Those that answered: an unreachable one would be waited for twice.
  const answering = (hosts: readonly Host[]) => hosts.filter((host) => typeof machines.get(host.name) === 'object');
  const control = answering(masters(cluster));
  const knowing = answering([...new Set([...masters(cluster), ...etcdHosts(cluster)])]);
  const [nodes, members, leaders] = await Promise.all([
    firstGood(control, connect, () => clusterNodes([])),
    firstGood(knowing, connect, (host) => etcdMembers(cluster.etcd.access(cluster, host))),
    firstGood(control, connect, () => leaderLeases),
  ]);
  return { machines, nodes, members, leaders, balancers };
}

/** The first list that is not empty, in the hosts' order; empty when none has one. */
async function firstGood<T>(hosts: readonly Host[], connect: Connect, fact: (host: Host) => Fact<readonly T[]>): Promise<readonly T[]> {
  for (const host of hosts) {
    const value = await readOrReason(connect, host, fact(host));
    if (typeof value !== 'string' && value.length > 0) return value;
  }
  return [];
}

/** The fact, or why it could not be read. */
async function readOrReason<T>(connect: Connect, host: Host, fact: Fact<T>): Promise<T | string> {
  try {
    return fact.parse(await (await connect(host)).run(fact.argv, { timeoutSeconds: fact.timeoutSeconds ?? 20 }));
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}
