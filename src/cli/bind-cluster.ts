/** Binds a spec to the code of its scheme and etcd topology, and opens what it names on the operator's disk. */

import { readFile } from 'node:fs/promises';
import type { Bundle } from '../model/bundle.ts';
import type { Cluster, ClusterSpec } from '../model/cluster.ts';
import type { Emit } from '../model/event.ts';
import { Failure } from '../model/failure.ts';
import { etcdOf, schemeOf } from './choices.ts';
import { readEtcdCertificates } from './etcd-certificates.ts';

export interface BindOptions {
  /** Steps are going to be made: then what a scheme puts on its machines is looked for on this one. Default false. */
  readonly plans?: boolean;
}

export async function bindCluster(spec: ClusterSpec, emit: Emit, { plans = false }: BindOptions = {}): Promise<Cluster> {
  const openBundle = await openNamedBundle(spec, emit);
  return {
    ...spec,
    scheme: schemeOf(spec.schemeOptions),
    etcd: etcdOf(spec, await readEtcdCertificates(spec.etcdOptions)),
    openBundle,
    careExecutable: plans && spec.schemeOptions.kind === 'local-care' ? await findCareExecutable(emit) : undefined,
    podNetworkManifest: await readManifest(spec),
  };
}

async function findCareExecutable(emit: Emit): Promise<Cluster['careExecutable']> {
  const { careExecutable } = await import('../bundle/care-executable.ts');
  return careExecutable({ emit });
}

async function openNamedBundle(spec: ClusterSpec, emit: Emit): Promise<Bundle | undefined> {
  if (spec.bundle === undefined) return undefined;
  const { openBundle } = await import('../bundle/open-bundle.ts');
  const bundle = await openBundle(spec.bundle, { emit });
  if (bundle.manifest.kubernetesVersion !== spec.kubernetes.version) {
    throw new Failure(
      'BUNDLE',
      `the bundle ${spec.bundle} carries Kubernetes ${bundle.manifest.kubernetesVersion}, the cluster file asks for ${spec.kubernetes.version}`,
      { remedy: `set spec.kubernetes.version to ${bundle.manifest.kubernetesVersion}, or name another bundle` },
    );
  }
  return bundle;
}

async function readManifest(spec: ClusterSpec): Promise<string | undefined> {
  const network = spec.network.podNetwork;
  if (network.kind === 'builtin') return undefined;
  try {
    return await readFile(network.path, 'utf8');
  } catch (error) {
    throw new Failure('CLUSTER_FILE', `the pod network's manifest ${network.path} cannot be read`, {
      remedy: 'correct spec.network.cni.manifest in the cluster file',
      cause: error,
    });
  }
}
