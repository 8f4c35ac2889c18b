/** A bundle of a few bytes with every kind of file that `up` asks for, written to a directory. */

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bundle, BundleFile, BundlePart } from '../../src/model/bundle.ts';
import { digest } from './machine-state.ts';

const registry = 'registry.k8s.io';

export const fakeImages = [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map((name) => `${registry}/${name}:v1.34.4`),
  `${registry}/etcd:3.6.5-0`,
  `${registry}/coredns/coredns:v1.12.1`,
  `${registry}/pause:3.10.1`,
];

/** Debian release of the packages; fake machines run it. */
export const fakeRelease = 'trixie';

export async function fakeBundle(directory: string): Promise<Bundle> {
  const file = async (part: BundlePart, path: string, more: Partial<BundleFile>): Promise<BundleFile> => {
    const text = `the bundle's ${path}\n`;
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
    return { part, path, sha256: digest(text), bytes: Buffer.byteLength(text), ...more };
  };
  const packageFile = (name: string, needs: readonly string[]) =>
    file('package', `packages/${fakeRelease}/${name}_1.0_amd64.deb`, { package: { name, version: '1.0', release: fakeRelease, needs } });
  const files = [
    await file('binary', 'binaries/kube', { names: ['kubelet', 'kubeadm', 'kubectl'] }),
    await file('binary', 'binaries/etcdctl', { names: ['etcdctl'] }),
    await file('image', 'images/cluster.tar', { images: fakeImages }),
    await packageFile('containerd', ['runc']),
    await packageFile('runc', []),
    await packageFile('containernetworking-plugins', []),
    await packageFile('keepalived', ['libnl-3-200']),
    await packageFile('libnl-3-200', []),
    await packageFile('curl', []),
  ];
  const { path, sha256, bytes } = await file('package', 'packages.tar', {});
  return {
    directory,
    manifest: {
      formatVersion: 1,
      kubernetesVersion: 'v1.34.4',
      architecture: 'amd64',
      etcdVersion: '3.6.5',
      pauseImage: `${registry}/pause:3.10.1`,
      files,
    },
    packageArchives: [{ release: fakeRelease, path: join(directory, path), sha256, bytes }],
  };
}
