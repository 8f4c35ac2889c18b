/** Which images a bundle holds and what is in each: one binary's layer under most of them. */

import { join } from 'node:path';
import type { Part } from './cached-part.ts';
import type { Programs } from './go-programs.ts';
import type { Image, Layer } from './image-archive.ts';
import type { Versions } from './versions.ts';
import type { TarEntry } from './write-tar.ts';

const registry = 'registry.k8s.io';

/** The sandbox image that kubeadm 1.34 names too. */
export const pauseImage = `${registry}/pause:3.10.1`;

/**
 * By these names nft lists what is in the kernel. Without them it writes 6 for tcp, so that a kube-proxy that starts again takes
 * every entry of its maps for an outdated one and removes it: no Service works on that machine until it starts once more.
 */
const protocols = 'icmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6-icmp 58 IPv6-ICMP\nsctp 132 SCTP\n';

/** Archive name → images. The test application is an archive of its own, so that a real cluster need not load it. */
export function bundleImages(
  programs: Programs,
  packages: Part,
  versions: Versions,
): Readonly<Record<'cluster' | 'hello', readonly Image[]>> {
  const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  const kube: Layer = {
    name: 'kube',
    entries: [
      { kind: 'directory', path: 'tmp', mode: 0o1777 },
      program(programs.kubernetes, 'kube', 'usr/local/bin/kube'),
      ...[...components, 'kube-proxy', 'kubectl', 'etcd', 'etcdctl', 'etcdutl'].map(
        (name): TarEntry => ({ kind: 'link', path: `usr/local/bin/${name}`, target: 'kube' }),
      ),
    ],
  };
  const nft: Layer = {
    name: 'nft',
    entries: [
      { kind: 'text', path: 'etc/protocols', text: protocols },
      ...Object.keys(packages.files)
        .filter((path) => path.startsWith('proxy/'))
        .map(
          (path): TarEntry => ({ kind: 'file', path: path.slice('proxy/'.length), source: join(packages.directory, path), mode: 0o755 }),
        ),
    ],
  };
  const single = (part: Part, name: string): Layer => ({ name, entries: [program(part, name, name)] });
  const hello = single(programs.hello, 'hello');
  return {
    cluster: [
      {
        references: [
          ...components.map((name) => `${registry}/${name}:${versions.kubernetes}`),
          // The digit after the dash counts rebuilds of the official image; kubeadm asks for the first.
          `${registry}/etcd:${versions.etcd}-0`,
        ],
        layers: [kube],
      },
      { references: [`${registry}/kube-proxy:${versions.kubernetes}`], layers: [kube, nft] },
      { references: [pauseImage], layers: [single(programs.pause, 'pause')], entrypoint: ['/pause'] },
      {
        references: [`${registry}/coredns/coredns:${versions.coredns}`],
        layers: [single(programs.coredns, 'coredns')],
        entrypoint: ['/coredns'],
      },
    ],
    hello: ['v1', 'v2'].map((version) => ({
      references: [`trivet.dev/hello:${version}`],
      layers: [hello],
      entrypoint: ['/hello'],
      environment: [`HELLO_VERSION=${version}`],
    })),
  };
}

function program(part: Part, name: string, path: string): TarEntry {
  return { kind: 'file', path, source: join(part.directory, name), mode: 0o755 };
}
