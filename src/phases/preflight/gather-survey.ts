/** Reads from all machines at once what the checks need; what cannot be read is a finding, and the rest goes on. */

import pLimit from 'p-limit';
import { etcdMemberState } from '../../facts/etcd-member-state.ts';
import { etcdMembers } from '../../facts/etcd-members.ts';
import { answersOnLink } from '../../facts/machine/answers-on-link.ts';
import { machineCapacity } from '../../facts/machine/capacity.ts';
import { machineClock } from '../../facts/machine/clock.ts';
import { clusterTraces } from '../../facts/machine/cluster-traces.ts';
import { endpointAsBuilt } from '../../facts/machine/endpoint-as-built.ts';
import { endpointSeen } from '../../facts/machine/endpoint-seen.ts';
import { hostsFile } from '../../facts/machine/hosts-file.ts';
import { machineIdentity } from '../../facts/machine/identity.ts';
import { keepalivedFound } from '../../facts/machine/keepalived-found.ts';
import { machineKernel } from '../../facts/machine/kernel.ts';
import { machineListeners } from '../../facts/machine/listeners.ts';
import { machineNetwork } from '../../facts/machine/network.ts';
import { reachable } from '../../facts/machine/reachable.ts';
import { vrrpSeen } from '../../facts/machine/vrrp-seen.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { Fact, ReadFact } from '../../model/fact.ts';
import { Failure } from '../../model/failure.ts';
import type { Host } from '../../model/host.ts';
import { clientUrl } from '../../render/etcd-config.ts';
import { memberAccess } from '../../render/etcd-paths.ts';
import type { Finding } from './finding.ts';
import { enoughTries } from './judge-endpoint.ts';
import { listeningPorts } from './listening-ports.ts';
import { belongs, type ClockReading, hasOwnAddress, hasVip, isMaster, isNode, type Survey, type Surveyed } from './survey.ts';

export interface GatherInput {
  readonly cluster: Cluster;
  readonly read: ReadFact;
  /** Milliseconds since 1970 by the operator's clock. */
  readonly now: () => number;
  /** Leaves out the network's questions, and of machines that belong to the cluster what cannot have changed. */
  readonly existing: boolean;
}

/** An sshd takes ten sessions a connection by default; others of ours may be open. */
const READS_PER_HOST = 5;

export async function gatherSurvey(input: GatherInput): Promise<{ readonly survey: Survey; readonly findings: readonly Finding[] }> {
  const { cluster } = input;
  const findings: Finding[] = [];
  const reads = new Map(cluster.hosts.map((host) => [host, reader(input, host, findings)]));
  const readOf = (host: Host) => reads.get(host) ?? reader(input, host, findings);
  const ready = new Map(cluster.hosts.map((host) => [host, readOf(host)(machineIdentity)]));
  const askNetwork = !input.existing && (hasVip(cluster) || hasOwnAddress(cluster));
  const [machines, vrrp, vipAnswer] = await Promise.all([
    Promise.all(cluster.hosts.map((host) => surveyed(input, host, readOf(host), ready.get(host)))),
    askNetwork ? listen(cluster, ready, readOf) : undefined,
    askNetwork ? ask(cluster, ready, readOf) : undefined,
  ]);
  return { survey: { cluster, machines: machines.filter((machine) => machine !== undefined), vrrp, vipAnswer }, findings };
}

type Read = <T>(fact: Fact<T>) => Promise<T | undefined>;

/** Only the first failure of a host is reported: the next ones mostly say the same. */
function reader({ read }: GatherInput, host: Host, findings: Finding[]): Read {
  const limit = pLimit(READS_PER_HOST);
  let failed = false;
  return async (fact) => {
    try {
      return await limit(() => read(host, fact));
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'INTERRUPTED' || error.code === 'INTERNAL') throw error;
      if (!failed) findings.push(unreadable(host, error));
      failed = true;
      return undefined;
    }
  };
}

function unreadable(host: Host, failure: Failure): Finding {
  return {
    severity: 'error',
    host: host.name,
    check: failure.code === 'SUDO' ? 'sudo' : 'reachable',
    message: failure.message,
    remedy: failure.remedy ?? `ssh -p ${host.ssh.port} ${host.ssh.user}@${host.address} shows what is wrong`,
    code: failure.code,
  };
}

async function surveyed(
  input: GatherInput,
  host: Host,
  read: Read,
  identity: Promise<Surveyed['identity'] | undefined> | undefined,
): Promise<Surveyed | undefined> {
  const { cluster, existing } = input;
  const known = await identity;
  if (known === undefined) return undefined;
  const traces = read(clusterTraces);
  const member = readEtcd(cluster, host, read);
  const unlessKnown = async <T>(fact: Fact<T>) => (existing && belongs(cluster, await traces) ? undefined : read(fact));
  const [clock, capacity, network, kernel, listeners, hosts, reach, keepalived, built, endpoint] = await Promise.all([
    readClock(input, read),
    read(machineCapacity),
    read(machineNetwork),
    unlessKnown(machineKernel),
    unlessKnown(machineListeners(listeningPorts(cluster, host).map(({ port }) => port))),
    unlessKnown(hostsFile),
    unlessKnown(reachable(targets(cluster, host))),
    cluster.scheme.vipHosts(cluster).includes(host) ? unlessKnown(keepalivedFound) : undefined,
    read(endpointAsBuilt(host.internalAddress)),
    cluster.scheme.name === 'external' && isNode(host)
      ? read(endpointSeen({ ...cluster.endpoint, tries: enoughTries(cluster) }))
      : undefined,
  ]);
  return {
    host,
    identity: known,
    clock,
    capacity,
    network,
    kernel,
    listeners,
    traces: await traces,
    ...(await member),
    hostsFile: hosts,
    reach,
    keepalived,
    built,
    endpoint,
  };
}

/** Of a hosted etcd's machines; what the members tell is asked where one may run. */
async function readEtcd(cluster: Cluster, host: Host, read: Read): Promise<Pick<Surveyed, 'etcdState' | 'etcdMembers'>> {
  if (cluster.etcd.name !== 'hosted' || !host.roles.includes('etcd')) return {};
  const etcdState = await read(etcdMemberState);
  if (etcdState === undefined || etcdState.data.length === 0) return { etcdState };
  return { etcdState, etcdMembers: await read(etcdMembers(memberAccess([clientUrl(host)]))) };
}

/** Masters reach everyone, the others reach the masters; nodes reach balancers, etcd's members one another. */
function targets(cluster: Cluster, host: Host): readonly { readonly address: string; readonly port: number }[] {
  return cluster.hosts
    .filter(
      (other) => other.name !== host.name && (isMaster(host) || isMaster(other) || bothEtcd(host, other) || meetAtBalancer(host, other)),
    )
    .map((other) => ({ address: other.internalAddress, port: other.ssh.port }));
}

function bothEtcd(host: Host, other: Host): boolean {
  return host.roles.includes('etcd') && other.roles.includes('etcd');
}

function meetAtBalancer(host: Host, other: Host): boolean {
  return isNode(host) && other.roles.includes('lb');
}

async function readClock({ now }: GatherInput, read: Read): Promise<ClockReading | undefined> {
  const before = now();
  const there = await read(machineClock);
  const after = now();
  return there === undefined ? undefined : { offsetMs: there - (before + after) / 2, uncertaintyMs: (after - before) / 2 };
}

async function listen(cluster: Cluster, ready: Ready, readOf: (host: Host) => Read): Promise<Survey['vrrp']> {
  const host = await firstReady(ready, (candidate) => cluster.scheme.vipHosts(cluster).includes(candidate));
  return host && { from: host.name, adverts: await readOf(host)(vrrpSeen(host.internalAddress)) };
}

/** From a machine that never has the VIP itself, if there is one. */
async function ask(cluster: Cluster, ready: Ready, readOf: (host: Host) => Read): Promise<Survey['vipAnswer']> {
  const host =
    (await firstReady(ready, (candidate) => !cluster.scheme.vipHosts(cluster).includes(candidate))) ??
    (await firstReady(ready, () => true));
  const known = cluster.hosts.map((other) => other.internalAddress);
  return host && { from: host.name, answer: await readOf(host)(answersOnLink(cluster.endpoint.address, known)) };
}

type Ready = ReadonlyMap<Host, Promise<unknown>>;

/** The first that answers; undefined when none does. */
async function firstReady(ready: Ready, wanted: (host: Host) => boolean): Promise<Host | undefined> {
  const candidates = [...ready].filter(([host]) => wanted(host));
  const answered = candidates.map(async ([host, identity]) =>
    (await identity) === undefined ? Promise.reject(new Error(host.name)) : host,
  );
  return Promise.any(answered).catch(() => undefined);
}
