/** A small whole bundle for tests: the shape of a real one with a few bytes in each file. */

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BundleFile, BundleManifest } from '../model/bundle.ts';
import { sha256 } from './hash-file.ts';
import { manifestName } from './parse-manifest.ts';

/** The manifest that fits sampleContents. */
export function sampleManifest(): BundleManifest {
  const { kube, cluster, runc } = sampleContents;
  const registry = 'registry.k8s.io';
  const control = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map(
    (name) => `${registry}/${name}:v1.34.4`,
  );
  const others = ['etcd:3.6.5-0', 'coredns/coredns:v1.12.1', 'pause:3.10.1'].map((name) => `${registry}/${name}`);
  return {
    formatVersion: 1,
    kubernetesVersion: 'v1.34.4',
    architecture: 'amd64',
    etcdVersion: '3.6.5',
    pauseImage: `${registry}/pause:3.10.1`,
    files: [
      described('binary', kube, { names: ['kubeadm', 'kubectl', 'kubelet'] }),
      described('image', cluster, { images: [...control, ...others] }),
      described('package', runc, { package: { name: 'runc', version: '1.1.15', release: 'trixie', needs: [] } }),
    ],
  };
}

export const sampleContents = {
  kube: { path: 'binaries/kube', text: 'all of Kubernetes\n' },
  cluster: { path: 'images/cluster.tar', text: 'all images\n' },
  runc: { path: 'packages/trixie/runc_1.1.15_amd64.deb', text: 'a package\n' },
} as const;

/** Writes it with the manifest given, right or wrong. */
export async function writeSampleBundle(directory: string, manifest: BundleManifest = sampleManifest()): Promise<void> {
  for (const { path, text } of Object.values(sampleContents)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  await writeFile(join(directory, manifestName), JSON.stringify(manifest));
}

function described(
  part: BundleFile['part'],
  { path, text }: { readonly path: string; readonly text: string },
  more: Pick<BundleFile, 'names' | 'images' | 'package'>,
): BundleFile {
  return { part, path, sha256: sha256(text), bytes: text.length, ...more };
}
