/** trivet status: each machine, the nodes, etcd's members and quorum, and who holds the endpoint. */

import { clusterNodes } from '../../facts/cluster-nodes.ts';
import { type EtcdMember, etcdMembers } from '../../facts/etcd-members.ts';
import { type MachineHealth, machineHealth } from '../../facts/machine-health.ts';
import { type Cluster, masters } from '../../model/cluster.ts';
import type { Connect } from '../../model/connection.ts';
import type { Fact } from '../../model/fact.ts';
import { Failure } from '../../model/failure.ts';
import type { Host } from '../../model/host.ts';
import type { ClusterOptions } from '../cluster-options.ts';
import { clusterStatus, statusText } from '../cluster-status.ts';
import { withCluster } from '../with-cluster.ts';

export async function status(options: ClusterOptions & { readonly output?: 'text' | 'json' }): Promise<void> {
  await withCluster(options, { bundle: false }, async ({ cluster, connect }) => {
    const found = clusterStatus(cluster, await gather(cluster, connect));
    process.stdout.write(options.output === 'json' ? `${JSON.stringify(found, null, 2)}\n` : statusText(found));
    if (!found.healthy) process.exitCode = 1;
  });
}

async function gather(cluster: Cluster, connect: Connect) {
  const machines = new Map<string, MachineHealth | string>();
  await Promise.all(
    cluster.hosts.map(async (host) => {
      machines.set(host.name, await readOrReason(connect, host, machineHealth(host.internalAddress, cluster.endpoint.address)));
    }),
  );
  const [nodes, members] = await Promise.all([
    fromAnyMaster(cluster, connect, clusterNodes([]), (list) => list.length > 0),
    fromAnyMaster(cluster, connect, etcdMembers, (list) => list.length > 0),
  ]);
  return { machines, nodes: nodes ?? [], members: members ?? ([] as readonly EtcdMember[]) };
}

/** The first master's answer that is good, in the file's order; undefined when none has one. */
async function fromAnyMaster<T>(cluster: Cluster, connect: Connect, fact: Fact<T>, good: (value: T) => boolean): Promise<T | undefined> {
  for (const master of masters(cluster)) {
    const value = await readOrReason(connect, master, fact);
    if (typeof value !== 'string' && good(value)) return value;
  }
  return undefined;
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
