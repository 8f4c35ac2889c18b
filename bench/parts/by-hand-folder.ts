/** Writes down what a person would have ready who builds the same cluster by hand: the very texts and commands of trivet's own plan. */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bindCluster } from '../../src/cli/bind-cluster.ts';
import { openConnections } from '../../src/connection/open-connections.ts';
import { runSequence } from '../../src/engine/run-sequence.ts';
import { labDirectories } from '../../src/lab/lab-directories.ts';
import { enterLab } from '../../src/lab/run-in-lab.ts';
import { type Cluster, masters, nodes } from '../../src/model/cluster.ts';
import type { Host } from '../../src/model/host.ts';
import type { Step } from '../../src/model/step.ts';
import { joinDocuments } from '../../src/render/kubeadm.ts';
import { cniConfig, podRoutes } from '../../src/render/pod-network.ts';
import { up } from '../../src/sequences/up.ts';
import { readSpec } from '../../src/spec/read-spec.ts';
import { type BenchLab, quiet } from './bench-lab.ts';
import { uploadLines, writePrepareScript } from './prepare-script.ts';

const kubeadmPhases = ['first-master', 'join-masters', 'join-workers'];

/**
 * What by-hand.sh reads: hosts, ssh_config, and for each machine uploads, prepare/, init/ or join/, network/; finish/ for the first.
 * The machines are only looked at. Pod ranges, token and key are known later: they stand as @NAME@.
 */
export async function writeByHandFolder(directory: string, { lab, clusterFile }: BenchLab, signal: AbortSignal): Promise<void> {
  const { cluster, steps } = await plan(lab.name, clusterFile, signal);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const list = nodes(cluster).map(({ name, address, roles }) => `${name} ${address} ${roles.includes('master') ? 'master' : 'worker'}\n`);
  await writeFile(join(directory, 'hosts'), list.join(''));
  await writeFile(join(directory, 'ssh_config'), sshConfig(cluster, lab.name, directory));
  for (const host of nodes(cluster)) await writeMachine(join(directory, host.name), cluster, host, steps);
}

async function writeMachine(directory: string, cluster: Cluster, host: Host, steps: readonly Step[]): Promise<void> {
  const own = steps.filter((step) => step.host === host.name);
  const of = (...phases: readonly string[]) => own.filter(({ id }) => phases.includes(id.slice(0, id.indexOf('/'))));
  const before = own.filter((step) => !of(...kubeadmPhases, 'pod-network', 'finish').includes(step));
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'uploads'), uploadLines(before));
  await writePrepareScript(join(directory, 'prepare'), before);
  await writePrepareScript(
    join(directory, 'network'),
    of('pod-network').map((step) => withPodRanges(step, cluster, host)),
  );
  if (host === masters(cluster)[0]) {
    const configuration = of('first-master').find(({ action }) => action.kind === 'file')?.action;
    if (configuration?.kind !== 'file') throw new Error('trivet plans no configuration for kubeadm init');
    await mkdir(join(directory, 'init'));
    await writeFile(join(directory, 'init', 'kubeadm.yaml'), String(configuration.content));
    await writePrepareScript(join(directory, 'finish'), of('finish'));
  } else {
    const certificateKey = host.roles.includes('master') ? '@KEY@' : undefined;
    await mkdir(join(directory, 'join'));
    await writeFile(
      join(directory, 'join', 'kubeadm.yaml'),
      joinDocuments({ cluster, host, discovery: discoveryByToken(cluster), certificateKey }),
    );
  }
}

/** As kubeadm's own documents have it: a token, and the hash of the CA's key. */
function discoveryByToken({ endpoint }: Cluster) {
  return { bootstrapToken: { token: '@TOKEN@', apiServerEndpoint: `${endpoint.domain}:${endpoint.port}`, caCertHashes: ['@HASH@'] } };
}

/** What trivet would do on the new machines, with the texts of all files. */
async function plan(lab: string, clusterFile: string, signal: AbortSignal): Promise<{ cluster: Cluster; steps: readonly Step[] }> {
  const read = await readSpec(clusterFile, {});
  if (read.kind !== 'ok') throw new Error(`the lab's cluster file ${clusterFile} is not understood`);
  const cluster = await bindCluster(read.spec, quiet);
  const connections = openConnections({ environment: process.env, prefix: enterLab(lab, []) });
  try {
    const { connect } = connections;
    const { planned } = await runSequence({ sequence: up, cluster, connect, emit: quiet, signal, mode: 'plan', operator: 'bench' });
    return { cluster, steps: planned };
  } finally {
    await connections.closeAll();
  }
}

/** In a plan of a new cluster the pod ranges are not known yet: they get the place @NAME@. */
function withPodRanges(step: Step, cluster: Cluster, host: Host): Step {
  const { action } = step;
  if (action.kind !== 'file') return step;
  const place = (of: Host) => `@${of.name}@`;
  const others = nodes(cluster).filter((other) => other !== host);
  const routes = others.map((other) => ({ podCidr: place(other), via: other.internalAddress }));
  if (action.path.endsWith('.conflist')) return { ...step, action: { ...action, content: cniConfig(place(host)) } };
  if (action.path.endsWith('/pod-routes') && !action.path.includes('/lib/'))
    return { ...step, action: { ...action, content: podRoutes(cluster.network.podSubnet, place(host), routes) } };
  return step;
}

/** Connections are kept and used again, so that the peer does not pay for a handshake with each command. */
function sshConfig(cluster: Cluster, lab: string, directory: string): string {
  const { key, knownHosts } = labDirectories(lab);
  const common = [
    'User root',
    `IdentityFile ${key}`,
    'IdentitiesOnly yes',
    'BatchMode yes',
    'StrictHostKeyChecking yes',
    `UserKnownHostsFile ${knownHosts}`,
    'LogLevel ERROR',
    'ControlMaster auto',
    'ControlPersist 5',
    `ControlPath ${directory}/%n.sock`,
  ];
  const hosts = nodes(cluster).map(({ name, address, ssh }) => `Host ${name}\n  HostName ${address}\n  Port ${ssh.port}\n`);
  return `${hosts.join('')}Host *\n${common.map((line) => `  ${line}\n`).join('')}`;
}
