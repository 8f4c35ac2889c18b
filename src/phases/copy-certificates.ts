/** `certificates: copy`: the control plane's shared files go from a complete master to a joining one over SSH, through no Secret of the cluster. */

import { createHash } from 'node:crypto';
import { certificateDigests, certificateFiles, clusterCaPath, etcdClientPair, sharedFiles } from '../facts/control-plane-certificates.ts';
import { clusterCa } from '../facts/join-secrets.ts';
import type { Cluster } from '../model/cluster.ts';
import type { ReadFact } from '../model/fact.ts';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { PlanInput } from '../model/phase.ts';
import { Secret } from '../model/secret.ts';
import type { Step } from '../model/step.ts';

/**
 * One step for each file, before kubeadm's own look at the machine. `master`: undefined in a dry run of a new cluster.
 * FOREIGN_CLUSTER when one of the files is there with other content: nothing is written then.
 */
export async function copyCertificates({ cluster, host, read }: PlanInput, master: Host | undefined): Promise<readonly Step[]> {
  const shared = sharedFiles(cluster, host);
  const pair = etcdClientPair(cluster, host);
  const there = await read(host, certificateDigests([...shared, ...pair]));
  // Whichever pair the machine has, it is good: the steps of etcd's topology may have made it one of its own.
  const wanted = pair.every((path) => there.has(path)) ? shared : [...shared, ...pair];
  const contents = master === undefined ? [] : await contentsOn(cluster, master, wanted.length, read);
  const foreign = shared.filter((path, index) => {
    const content = contents[index];
    return there.has(path) && content !== undefined && there.get(path) !== digest(content);
  });
  if (foreign.length > 0) throw foreignFiles(cluster, host, foreign);
  return wanted.map((path, index) => fileStep(host, path, contents[index] ?? new Secret('copied when needed')));
}

/** The first `count` of the files on a complete master, shared ones first. A dry run reads no keys, but knows the CA. */
async function contentsOn(cluster: Cluster, master: Host, count: number, read: ReadFact): Promise<readonly (Secret | undefined)[]> {
  const paths = [...sharedFiles(cluster, master), ...etcdClientPair(cluster, master)].slice(0, count);
  const [ca, contents] = await Promise.all([read(master, clusterCa), read(master, certificateFiles(paths))]);
  return paths.map((path, index) => contents[index] ?? (path === clusterCaPath && ca !== undefined ? new Secret(ca) : undefined));
}

function fileStep(host: Host, path: string, content: Secret): Step {
  const mode = path.endsWith('.key') ? 0o600 : 0o644;
  return {
    id: `join-masters/copy${path.replace('/etc/kubernetes/pki', '').replaceAll('/', '-')}`,
    host: host.name,
    title: `copy ${path} from a complete master`,
    action: { kind: 'file', path, content, mode, owner: 'root:root' },
  };
}

function foreignFiles(cluster: Cluster, host: Host, paths: readonly string[]): Failure {
  return new Failure('FOREIGN_CLUSTER', `${host.name} has certificates or keys of another cluster than ${cluster.name}`, {
    host: host.name,
    findings: paths.map((path) => `${path} differs from the one on the masters`),
    remedy: `take ${host.name} out of the cluster file; or, if its own cluster is of no more use, remove /etc/kubernetes there`,
  });
}

function digest(content: Secret): string {
  return createHash('sha256').update(content.reveal()).digest('hex');
}
